"""What the kinds of log messages mean, and what to do: the half of docs/reference/log-messages.md that no call can say.

Rule of this file: a sentence or two a kind, for whoever reads the log.
"""

from __future__ import annotations

_OURS = (
    "A mistake of webproxy's own, with its traceback; it has cost this one connection or exchange. Please report it."
)

MEANINGS = {
    "access-log-cut": "The access log's file or pipe did not take all lines while webproxy stopped; the last are lost.",
    "access-log-line-failed": "A mistake of webproxy's own: a line of the access log is missing. Please report it.",
    "admin-failed": "The admin endpoint could not be opened; there are no metrics and no live page. See `--admin`.",
    "admin-no-folder": "Neither `/run/webproxy` nor `$XDG_RUNTIME_DIR` can be written to; name a place with `--admin`.",
    "credentials-listener-failed": _OURS,
    "credentials-read": "A file of users or keys has changed and holds from now on.",
    "credentials-refused": "A file of users or keys is gone or wrong. What held before holds on.",
    "departure-failed": _OURS,
    "expiry-failed": _OURS,
    "lease-certificate": "The router's certificate for the public name is in another state, and none to worry about.",
    "lease-certificate-alarm": "The router's certificate for the public name ends soon, or has failed, and could not "
    "be renewed so far. That is for the router's operator to mend; `webproxy-router certificates` tells more.",
    "lease-failed": "A mistake of webproxy's own: the public name is not renewed any more. Please report it.",
    "lease-held": "The router has given a public name, or other addresses: what leads where now.",
    "lease-kept": "The public name leads here, after a while in which it may not have.",
    "lease-refused": "The router does not give or keep the public name, and says why. The service is not touched.",
    "loop-error": "Something that the event loop noticed, in its own words.",
    "loop-failed": _OURS,
    "policy-failed": "A hook of that policy raised; told once a minute. It went on without it, or was answered "
    "503 if the policy says so. Tell its author.",
    "producer-failed": _OURS,
    "protocol-failed": _OURS,
    "readiness-failed": _OURS,
    "reload-not-now": "A reload was asked for while webproxy hands over to another version. Ask again later.",
    "reload-refused": "The new settings are wrong, a sentence each; the old ones hold. See `webproxy config check`.",
    "reloaded": "What has changed at once, and what only a restart changes.",
    "request-failed": _OURS,
    "start-failed": "The start failed after the port was bound; the sentence says why.",
    "router-away": "The router does not answer; the name stays for a while, and webproxy goes on asking.",
    "started": "A line of the greeting: what leads where.",
    "upgrade-begun": "Another version is installed: it is started beside this one.",
    "upgrade-done": "The new process serves; this one finishes what it has begun.",
    "upgrade-failed": "The new version did not come up; this one serves on. The next reload tries again.",
    "upgrade-over": "The old process has nothing left to do, and ends.",
    "upgrade-over-early": "The old process failed to stop in good order, and ends; `--drain` says how soon.",
    "upstream-host": "Under which name the internal service is addressed, as asking it has shown. `--upstream-host` "
    "chooses another.",
    "upstream-speaks-tls": "Switch TLS off in the service, or name its plain port with `--internal`.",
    "waiting-request-failed": _OURS,
}
