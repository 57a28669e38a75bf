"""Where a request came from, as told to the internal service (RFC 7239, and the X-Forwarded-* convention).

Rule of this file: the connection says it, never a stranger's message. Only a trusted proxy's own words are kept, and
extended. Names that differ by ``_`` for ``-`` count as the same: CGI and WSGI make them so (RFC 3875 §4.1.18).
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from webproxy.message.hop_by_hop import HOP_BY_HOP

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from webproxy.message.fields import Pair
    from webproxy.message.head import RequestHead


class Arrival(NamedTuple):
    """What the connection, not the message, says of where a request came from.

    :ivar client: the client's address, ``203.0.113.7`` or ``2001:db8::1``; empty when it has none (a Unix socket).
    :ivar scheme: ``b"http"`` or ``b"https"``.
    :ivar port: the local port it came in on.
    :ivar trusted: the peer is a trusted proxy: its forwarding fields are kept and extended.
    """

    client: str
    scheme: bytes
    port: int
    trusted: bool


# What we say ourselves, so that nobody else may have said it.
OURS: Final = frozenset(
    (
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
        b"x-request-id",
    ),
)

# What only a trusted proxy may claim: who the user is, and under which name or path the service is known.
CLAIMS: Final = frozenset(
    (
        b"proxy",  # CGI makes it HTTP_PROXY (CVE-2016-5385); no request field of that name exists
        b"remote-user",
        b"x-forwarded-access-token",  # as oauth2-proxy sets it
        b"x-forwarded-email",
        b"x-forwarded-groups",
        b"x-forwarded-prefix",
        b"x-forwarded-preferred-username",  # as oauth2-proxy sets it
        b"x-forwarded-protocol",  # gunicorn takes this and the next for "https"
        b"x-forwarded-ssl",
        b"x-forwarded-server",
        b"x-forwarded-user",
        b"x-original-url",
        b"x-remote-user",
        b"x-rewrite-url",
        b"x-scheme",  # Tornado's word for X-Forwarded-Proto
    ),
)


def spellings(names: AbstractSet[bytes]) -> frozenset[bytes]:
    """Give the names in every spelling, each ``-`` either kept or ``_``.

    All are known beforehand, so that a head costs one set test and no replacing of characters in its names.

    :param names: in lower case.
    """
    marks = {0x2D: (b"-", b"_")}
    letters = ([marks.get(letter, (bytes((letter,)),)) for letter in name] for name in names)
    return frozenset(b"".join(spelling) for name in letters for spelling in product(*name))


SPOOFABLE: Final = spellings(OURS | CLAIMS)
"""Lower-case names that are removed from what strangers send, every ``_`` spelling among them."""

REWRITTEN: Final = SPOOFABLE - CLAIMS
"""Lower-case names that are removed even from a trusted proxy's: said anew, or spelled to deceive."""

_KEPT: Final = {b"content-length", b"via"}  # only so written
_ALWAYS: Final = spellings(HOP_BY_HOP | {b"host"}) | spellings(_KEPT) - _KEPT

FROM_STRANGERS: Final = _ALWAYS | SPOOFABLE
"""Lower-case names that do not go on to the internal service, from whomever they come."""

FROM_TRUSTED: Final = _ALWAYS | REWRITTEN
"""Those that do not go on from a trusted proxy."""

_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,128}")


def is_spoofable(name: bytes) -> bool:
    """Tell whether a field is removed from what strangers send.

    :param name: in any case.
    """
    return name.lower() in SPOOFABLE


def forwarding_pairs(head: RequestHead, arrival: Arrival) -> list[Pair]:
    """Give the fields that tell the internal service where a request came from.

    :param head: the request; what it says itself is looked at only when ``arrival.trusted``.
    :param arrival: what its connection says.
    """
    return _extended(head, arrival) if arrival.trusted else _of_stranger(arrival, head.authority)


def forwarding_lines(head: RequestHead, arrival: Arrival) -> bytes:
    """Give :func:`forwarding_pairs` as they go on the wire, each line with its CRLF."""
    return _lines(_extended(head, arrival)) if arrival.trusted else _lines_of_stranger(arrival, head.authority)


@lru_cache(maxsize=1024)  # one entry per client and Host, no credential in either: 0.2 us instead of 2.4
def _lines_of_stranger(arrival: Arrival, authority: bytes) -> bytes:
    return _lines(_of_stranger(arrival, authority))


def _lines(pairs: list[Pair]) -> bytes:
    return b"".join([b"%b: %b\r\n" % pair for pair in pairs])


def _of_stranger(arrival: Arrival, authority: bytes) -> list[Pair]:
    client = _address(arrival)
    port = b"%d" % arrival.port
    pairs = [
        (b"X-Forwarded-For", client),
        (b"X-Real-IP", client),
        (b"X-Forwarded-Proto", arrival.scheme),
        (b"X-Forwarded-Host", authority),
        (b"X-Forwarded-Port", port),
        (b"Forwarded", _element(client, arrival.scheme, authority)),
    ]
    return [pair for pair in pairs if pair[1]]


def _extended(head: RequestHead, arrival: Arrival) -> list[Pair]:
    """Keep what a trusted proxy says, add what it cannot know, extend the two lists by its own address."""
    said = head.fields.combined
    client = _address(arrival)
    element = _element(client, arrival.scheme, head.authority)
    scheme = said.get(b"x-forwarded-proto") or arrival.scheme
    host = said.get(b"x-forwarded-host") or head.authority
    pairs = [
        (b"X-Forwarded-For", b", ".join(filter(None, (said.get(b"x-forwarded-for"), client)))),
        (b"X-Real-IP", said.get(b"x-real-ip") or _last(said.get(b"x-forwarded-for")) or client),
        (b"X-Forwarded-Proto", scheme),
        (b"X-Forwarded-Host", host),
        (b"X-Forwarded-Port", said.get(b"x-forwarded-port") or _port(said, scheme, host, arrival)),
        (b"Forwarded", b", ".join(filter(None, (said.get(b"forwarded"), element)))),
    ]
    return [pair for pair in pairs if pair[1]]


def _last(addresses: bytes | None) -> bytes:
    """Give the address that the trusted proxy itself saw, if it is one; those before it may be a stranger's words.

    Some proxies (Azure's) write ``203.0.113.7:51234``: the port would make each connection another client.
    """
    last = addresses.rpartition(b",")[2].strip() if addresses else b""
    if b"." in last and last.count(b":") == 1:
        last = last.partition(b":")[0]
    return b"" if last.translate(None, b"0123456789abcdefABCDEF.:") else last


def _port(said: dict[bytes, bytes], scheme: bytes, host: bytes, arrival: Arrival) -> bytes:
    """Give the public port when the trusted proxy did not: that of the Host, else its scheme's own."""
    if b"x-forwarded-proto" not in said and b"x-forwarded-host" not in said:
        return b"%d" % arrival.port
    _, colon, port = host.rpartition(b":")
    if colon and port.isdigit():
        return port
    return b"443" if scheme == b"https" else b"80"


def _address(arrival: Arrival) -> bytes:
    """Give the client's address without a zone, which means nothing to another machine (RFC 4007 §11.2)."""
    return arrival.client.partition("%")[0].encode("ascii")


def _element(client: bytes, scheme: bytes, authority: bytes) -> bytes:
    """Write one element of Forwarded (RFC 7239 §4): an IPv6 address or a port makes the value a quoted string (§6)."""
    node = b'"[%b]"' % client if b":" in client else client or b"unknown"
    host = b'"%b"' % authority if b":" in authority else authority
    if host:
        return b"for=%b;host=%b;proto=%b" % (node, host, scheme)
    return b"for=%b;proto=%b" % (node, scheme)


def claimed_client(head: RequestHead) -> str:
    """Give the client's address as a trusted proxy says it in X-Forwarded-For; empty when it says none.

    Only the last one: the proxy saw that itself, those before it may be a stranger's words.
    """
    return _last(head.fields.combined.get(b"x-forwarded-for")).decode("ascii")


def request_id(head: RequestHead) -> bytes | None:
    """Give the client's own X-Request-Id if it is fit for logs: ``[A-Za-z0-9._-]{1,128}``; else ``None``."""
    value = head.fields.combined.get(b"x-request-id")
    return value if value is not None and _REQUEST_ID.fullmatch(value) else None
