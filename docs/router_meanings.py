"""What the kinds of the router's log messages mean, and what to do: as ``docs/meanings.py`` for the proxy's.

Rule of this file: a sentence or two a kind, for whoever operates the router.
"""

from __future__ import annotations

_OURS = (
    "A mistake of the router's own, with its traceback; it has cost this one connection or request. Please report it."
)

MEANINGS = {
    "accept-failed": "The system had no descriptor or memory for a visitor's connection; it waits, and is tried again "
    "at once. More descriptors (`LimitNOFILE=`) help, if the bounds of the router do not.",
    "certificate-begun": "An authority is asked for a certificate.",
    "certificate-damaged": "A file of the certificate store was broken; it was put aside, and replaced.",
    "certificate-failed": "There is no new certificate, and why. What there is stays in use until it is tried again.",
    "certificate-got": "There is a new certificate; new handshakes use it.",
    "certificate-keeping-failed": "A mistake of the router's own: it is tried again. Please report it.",
    "certificate-note-failed": "The folder of the state cannot be written: mend its permissions, or make room.",
    "certificate-proof-left": "The proof of an order that is over could not be taken away again, and does no harm.",
    "certificate-read": "The files of `--certificate` and `--key` have changed; new handshakes use them.",
    "certificate-step": "How far an order of a certificate has come.",
    "certificate-unusable": "The files of `--certificate` and `--key` cannot be used; the certificate before stays in "
    "use. They are read again when they change.",
    "certificate-window": "The authority could not be asked when it wants the certificate renewed; a third of its "
    "lifetime counts until it answers.",
    "dns-failed": "A mistake of the router's own, with its traceback: one question was not answered. Please report it.",
    "front-failed": _OURS,
    "leases-lost": "At the end the last leases could not be written down; after the next start machines have a lease's "
    "time to come back all the same.",
    "machine-refused": "A machine may not have what it asks for, and why; it has been told the same.",
    "passage-failed": _OURS,
    "probe-unanswered": "One of the three questions to a machine's port had no answer; one answer is enough.",
    "registered": "A machine's port has its name, and a lease.",
    "request-failed": "A mistake of the router's own, with its traceback; the machine asks again. Please report it.",
    "store-failed": "The store cannot be read or written: the disk is full, or broken. Names are served from "
    "memory, and nothing new is promised.",
    "stranger": "Somebody outside of `--machines` came to the control port, and was closed before TLS. Told once for "
    "an address.",
}
