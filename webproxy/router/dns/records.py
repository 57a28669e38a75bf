"""The records that the zone is made of: twisted.names' own, and the one that it lacks.

Rule of this file: values. For how long each may be kept by others stands here, with the reason.
"""

from __future__ import annotations

import struct
from typing import IO, Any

from twisted.names import dns
from twisted.names.dns import IEncodableRecord, Record_A, Record_AAAA, Record_HINFO, Record_NS, Record_SOA, Record_TXT
from twisted.python.util import FancyEqMixin, FancyStrMixin
from zope.interface import implementer

CAA = 257
"""RFC 8659 §4.1."""
ANY = dns.ALL_RECORDS
TRANSFERS = (251, dns.AXFR)
"""IXFR (RFC 1995) and AXFR (RFC 5936)."""

ADDRESS_TTL = 300
"""Seconds: a router that moves is found again after five minutes."""
ZONE_TTL = 3600
"""Who serves the zone changes by hand, and old and new can serve side by side for an hour."""
NEGATIVE_TTL = 60
"""An authority that came too early looks again after a minute, which is the first pause after a failure."""
TEXT_TTL = 0
"""A proof is looked at once: the next one has another text, and who kept the old one would refuse it (RFC 1035
§3.2.1: for the transaction in progress only)."""

REFRESH, RETRY, EXPIRE = 3600, 600, 604800
"""For secondary servers, of which there are none."""


@implementer(IEncodableRecord)
class Record_CAA(FancyEqMixin, FancyStrMixin):  # noqa: N801 - as its siblings in twisted.names
    """Which authority may issue certificates (RFC 8659 §4.1).

    :param flags: 128: who does not understand the tag must not issue.
    :param tag: such as ``issue``.
    :param value: such as ``letsencrypt.org``.
    """

    TYPE = CAA
    fancybasename = "CAA"
    compareAttributes = showAttributes = ("flags", "tag", "value", "ttl")  # noqa: N815 - Twisted's names

    def __init__(self, flags: int = 0, tag: bytes = b"", value: bytes = b"", ttl: int | None = None) -> None:
        self.flags, self.tag, self.value, self.ttl = flags, tag, value, ttl

    def __hash__(self) -> int:
        return hash((self.flags, self.tag, self.value, self.ttl))

    def encode(self, strio: IO[bytes], compDict: Any = None) -> None:  # noqa: N803 - Twisted's name
        """Write it."""
        strio.write(struct.pack("!BB", self.flags, len(self.tag)) + self.tag + self.value)

    def decode(self, strio: IO[bytes], length: int | None = None) -> None:
        """Read it."""
        if length is None:
            raise ValueError("the value ends where the record does, so its length must be known")
        self.flags, size = struct.unpack("!BB", dns.readPrecisely(strio, 2))
        self.tag = dns.readPrecisely(strio, size)
        self.value = dns.readPrecisely(strio, length - 2 - size)


class _Mailbox(dns.Name):
    """A mailbox, whose first label may hold dots (RFC 1035 §8)."""

    def __init__(self, local: bytes, rest: bytes) -> None:
        super().__init__(rest)
        self._local = local

    def encode(self, strio: IO[bytes], compDict: Any = None) -> None:  # noqa: N803 - Twisted's name
        """Write it."""
        strio.write(bytes((len(self._local),)) + self._local)
        super().encode(strio, compDict)


def address_record(address: str) -> Record_A | Record_AAAA:
    """An address of either kind."""
    return Record_AAAA(address, ttl=ADDRESS_TTL) if ":" in address else Record_A(address, ttl=ADDRESS_TTL)


def server_record(name: bytes) -> Record_NS:
    """A server of the zone."""
    return Record_NS(name, ttl=ZONE_TTL)


def start_record(server: bytes, contact: str, serial: int, ttl: int) -> Record_SOA:
    """The start of the zone.

    :param contact: a mailbox, ``hostmaster@example.com``.
    :param ttl: of the record itself.
    """
    local, _, domain = contact.encode().rpartition(b"@")
    record = Record_SOA(server, b"", serial, REFRESH, RETRY, EXPIRE, NEGATIVE_TTL, ttl)
    record.rname = _Mailbox(local, domain)
    return record


def text_record(value: bytes) -> Record_TXT:
    """A proof."""
    return Record_TXT(value, ttl=TEXT_TTL)


def issuer_record(authority: bytes) -> Record_CAA:
    """An authority that may issue, names and wildcards alike (RFC 8659 §4.3)."""
    return Record_CAA(0, b"issue", authority, ADDRESS_TTL)


def any_record() -> Record_HINFO:
    """What there is to be said to who wants everything (RFC 8482 §4.2)."""
    return Record_HINFO(b"RFC8482", b"", ttl=ZONE_TTL)
