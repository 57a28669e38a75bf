"""Messages to a DNS server, byte by byte, and what its answers say, read by twisted.names."""

from __future__ import annotations

import struct
from typing import Any

from twisted.names import dns

from webproxy.router.dns.settings import Facts
from webproxy.router.dns.zone import Zone

DOMAIN = "secure.example.com"
NUMBER = 0xBEEF
CAA = 257


def zone(**other: Any) -> Zone:
    """A zone with an address of each kind."""
    said: dict[str, Any] = {
        "domain": DOMAIN,
        "addresses": ("192.0.2.7", "2001:db8::7"),
        "servers": (f"ns1.{DOMAIN}",),
        "contact": "host.master@example.com",
    }
    return Zone(Facts(**{**said, **other}), 17)


def written(name: str) -> bytes:
    """A name, whatever its labels."""
    labels = [label.encode("latin-1") for label in name.split(".") if label]
    return b"".join(bytes((len(label),)) + label for label in labels) + b"\0"


def opt(payload: int = 4096, version: int = 0, flags: int = 0, options: bytes = b"", name: bytes = b"\0") -> bytes:
    """An OPT record (RFC 6891 §6.1.2)."""
    return name + struct.pack("!HHBBHH", 41, payload, 0, version, flags, len(options)) + options


def question(
    name: str | bytes,
    type_: int = dns.A,
    *beside: bytes,
    kind: int = dns.IN,
    flags: int = 0,
    number: int = NUMBER,
    counts: tuple[int, int, int, int] | None = None,
) -> bytes:
    """A message with one question.

    :param name: as text, or as bytes of the message.
    :param beside: additional records.
    :param counts: what the head says of them; the truth, if nothing else is said.
    """
    head = struct.pack("!HHHHHH", number, flags, *(counts or (1, 0, 0, len(beside))))
    asked = written(name) if isinstance(name, str) else name
    return head + asked + struct.pack("!HH", type_, kind) + b"".join(beside)


def read(answer: bytes | None) -> dns.Message:
    """Read an answer, which there must be."""
    assert answer is not None
    message = dns.Message()
    message.fromStr(answer)
    return message


def payloads(records: list[Any]) -> list[Any]:
    """What records say, without their names."""
    return [record.payload for record in records]
