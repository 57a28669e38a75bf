"""What goes on the wire on the other side: heads as bytes (RFC 9110 §7.6, RFC 9112 §3 and §4).

Rule of this file: pure, and of nothing but its arguments, because callers remember the results per header block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from webproxy.message.fields import tokens
from webproxy.message.forwarding import FROM_STRANGERS, FROM_TRUSTED, Arrival, forwarding_lines
from webproxy.message.framing import CHUNKED
from webproxy.message.hop_by_hop import HOP_BY_HOP, nominated
from webproxy.message.max_forwards import remaining

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from webproxy.message.fields import Fields
    from webproxy.message.head import RequestHead, ResponseHead

_VIA: Final = (b"Via: 1.0 webproxy\r\n", b"Via: 1.1 webproxy\r\n")  # RFC 9110 §7.6.3: the version received


def _lines(fields: Fields, dropped: AbstractSet[bytes], usual: AbstractSet[bytes]) -> bytes:
    """Write the fields whose lower-case names are not among ``dropped``: order, repetition and case kept.

    :param usual: what is dropped of such a head when nothing is the matter with it; ``fields.kept`` is without that.
    """
    if dropped is usual and fields.kept is not None:
        return fields.kept
    return b"".join([b"%b: %b\r\n" % pair for pair in fields.pairs if pair[0].lower() not in dropped])


def upstream_request(head: RequestHead, arrival: Arrival, host: bytes) -> bytes:
    """Write a request's head for the internal service.

    :param head: as received.
    :param arrival: what its connection says.
    :param host: of the Host field to send.
    :returns: request line and fields, each with its CRLF, but neither X-Request-Id nor the empty line: both are the
        caller's to append.
    """
    dropped: AbstractSet[bytes] = FROM_TRUSTED if arrival.trusted else FROM_STRANGERS
    fields = head.fields
    named = nominated(fields)
    if named:
        dropped |= named
    if not head.minor:  # RFC 9110 §10.1.1: who speaks HTTP/1.0 expects nothing, and could not read a 100
        dropped |= {b"expect"}
    hops = remaining(head) if b"max-forwards" in fields.combined else None
    if hops is not None:
        dropped |= {b"max-forwards"}
    more = b""
    if hops is not None:
        more = b"Max-Forwards: %d\r\n" % max(hops - 1, 0)
    if head.body == CHUNKED:
        more += b"Transfer-Encoding: chunked\r\n"
    if head.websocket:  # RFC 9110 §7.8: of what was offered, only this is ours to offer on
        more += b"Connection: Upgrade\r\nUpgrade: websocket\r\n"
    elif b"te" in fields.combined and head.minor and b"trailers" in tokens(fields.combined[b"te"]):
        more += b"Connection: TE\r\nTE: trailers\r\n"  # RFC 9110 §10.1.4: trailers pass through us
    return b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%b%b%b" % (
        head.method,
        head.target,
        host,
        _lines(fields, dropped, FROM_STRANGERS),
        more,
        _VIA[head.minor],
        forwarding_lines(head, arrival),
    )


_BODILESS: Final = HOP_BY_HOP | {b"content-length"}  # RFC 9110 §8.6: never in 1xx and 204
_UNCHUNKED: Final = HOP_BY_HOP | {b"trailer"}  # what was announced does not arrive


def downstream_response(head: ResponseHead, minor: int, close: bool, date: bytes | None) -> bytes:
    """Write a response's head for the client.

    :param head: as received.
    :param minor: of the client's HTTP/1.minor; a 1xx must not be sent to HTTP/1.0 (RFC 9110 §15.2).
    :param close: the connection to the client closes after this response. It also does, and the client is told, when
        only that can end the body: until-close bodies, and chunked ones for HTTP/1.0 (send those decoded).
    :param date: for a Date if there is none (RFC 9110 §6.6.1); ``None`` to add none.
    :returns: the complete head, its empty line included.
    """
    status, fields = head.status, head.fields
    dropped = HOP_BY_HOP
    if status < 200 or status == 204:
        dropped = _BODILESS
    elif head.body == CHUNKED and not minor:
        dropped = _UNCHUNKED
    named = nominated(fields)
    if named:
        dropped |= named
    more = _upgrade(head) if status in {101, 426} else b""
    if status >= 200:
        if head.body < 0 or close or not minor:
            more += _framing(head.body, minor, close)
        if date is not None and b"date" not in fields.combined:
            more += b"Date: %b\r\n" % date
    return b"HTTP/1.1 %d %b\r\n%b%b\r\n" % (status, head.reason, _lines(fields, dropped, HOP_BY_HOP), more)


def _framing(body: int, minor: int, close: bool) -> bytes:
    """Write what is not left to the defaults of HTTP/1.1: framing and persistence (RFC 9112 §6.1, §9.3)."""
    chunked = body == CHUNKED and minor > 0
    lines = b"Transfer-Encoding: chunked\r\n" if chunked else b""
    if close or (body < 0 and not chunked):
        return lines + b"Connection: close\r\n"
    return lines if minor else lines + b"Connection: keep-alive\r\n"


def _upgrade(head: ResponseHead) -> bytes:
    """Keep what a 101 switches to, and WebSocket if a 426 asks for it (RFC 9110 §7.8, §15.5.22)."""
    protocols = head.fields.combined.get(b"upgrade", b"")
    if b"websocket" not in tokens(protocols):
        return b""
    return b"Connection: Upgrade\r\nUpgrade: %b\r\n" % (protocols if head.status == 101 else b"websocket")
