"""An answer, as the bytes of a message.

Rule of this file: pure; what is written and how long it may become. Over UDP, where the sender's address may be a
victim's, an answer is at most four times as long as its question, by construction: what is longer is cut short and TC
says to come again by TCP (RFC 1035 §4.2.1), where addresses are true.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.names import dns

from webproxy.router.dns.labels import dotted, length
from webproxy.router.dns.query import AA, DO, HEAD, OPT, QR, RD, SMALLEST, TC, Query, Unread
from webproxy.router.dns.zone import NOERROR, NXDOMAIN, Found

if TYPE_CHECKING:
    from webproxy.router.dns.zone import Zone

PAYLOAD = 1232
"""Bytes of a message that no network on the way cuts into pieces: IPv6's least, 1280, less its headers and UDP's."""
LARGEST = 65535
"""Bytes of a message over TCP (RFC 1035 §4.2.2)."""
FACTOR = 4
"""How many times as long as its question an answer over UDP may be."""
BADVERS = 16
"""RFC 6891 §6.1.3."""

_OPT = struct.Struct("!BHHIH")
_RECORD = struct.Struct("!HHHIH")
_SIZE = struct.Struct("!H")
_POINTER = 0xC000
"""RFC 1035 §4.1.4."""


def answered(query: Query | Unread, zone: Zone, *, size: int, datagram: bool) -> bytes:
    """Answer a query from a zone.

    :param size: bytes of the query's message.
    :param datagram: it came over UDP.
    """
    if isinstance(query, Unread):
        flags = QR | query.opcode | (RD if query.recursion else 0) | query.code
        return HEAD.pack(query.number, flags, 0, 0, 0, 0)
    if query.edns is not None and query.edns.version:
        return _written(query, zone, Found(BADVERS))
    found = zone.find(query)
    message = _written(query, zone, found)
    return message if len(message) <= limit(query, size, datagram=datagram) else shortened(query, zone, found.code)


def limit(query: Query, size: int, *, datagram: bool) -> int:
    """Tell how many bytes an answer may have."""
    if not datagram:
        return LARGEST
    payload = SMALLEST if query.edns is None else min(query.edns.payload, PAYLOAD)
    return min(payload, FACTOR * size)


def shortened(query: Query, zone: Zone, code: int = NOERROR) -> bytes:
    """Answer that the answer is to be had by TCP; with not a byte more than the question."""
    return _written(query, zone, Found(code), TC)


def _written(query: Query, zone: Zone, found: Found, flags: int = 0) -> bytes:
    """Write a message: the question as it came, and what was found."""
    flags |= QR | (RD if query.recursion else 0) | (found.code & 0xF)
    if found.code in (NOERROR, NXDOMAIN):
        flags |= AA
    count = len(found.answers), int(found.start is not None), int(query.edns is not None)
    apex = HEAD.size + length(query.name) - length(zone.name)  # the zone's name ends that of the question
    pointers = {dotted(zone.name[at:]): apex + length(zone.name[:at]) - 1 for at in range(len(zone.name))}
    body = BytesIO()
    body.write(query.written)
    for record in found.answers:
        _write_record(body, HEAD.size, record, pointers)
    if found.start is not None:
        _write_record(body, apex, found.start, pointers)
    if query.edns is not None:
        ttl = found.code >> 4 << 24 | (DO if query.edns.dnssec else 0)
        body.write(_OPT.pack(0, OPT, PAYLOAD, ttl, 0))
    return HEAD.pack(query.number, flags, 1, *count) + body.getvalue()


def _write_record(body: BytesIO, owner: int, record: Any, pointers: dict[bytes, int]) -> None:
    """Write a record of a name that stands in the question.

    :param owner: where that is.
    :param pointers: names that stand somewhere already, and where; those that come are added.
    """
    start = body.tell()
    body.write(_RECORD.pack(_POINTER | owner, record.TYPE, dns.IN, record.ttl, 0))
    record.encode(body, pointers)
    end = body.tell()
    body.seek(start + _RECORD.size - 2)
    body.write(_SIZE.pack(end - start - _RECORD.size))
    body.seek(end)
