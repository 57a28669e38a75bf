"""What goes on the wire on the other side: heads as bytes (RFC 9110 §7.6, RFC 9112 §3 and §4).

Rule of this file: pure, and of nothing but its arguments, because callers remember the results per header block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.message.fields import Pair, tokens
from webproxy.message.forwarding import REWRITTEN, SPOOFABLE, Arrival, forwarding_pairs
from webproxy.message.framing import CHUNKED
from webproxy.message.hop_by_hop import HOP_BY_HOP, nominated, without

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead, ResponseHead

_FROM_STRANGERS = HOP_BY_HOP | SPOOFABLE | {b"host"}
_FROM_TRUSTED = HOP_BY_HOP | REWRITTEN | {b"host"}
_VIA = (b"Via: 1.0 webproxy", b"Via: 1.1 webproxy")  # RFC 9110 §7.6.3: the version received


def upstream_request(head: RequestHead, arrival: Arrival, host: bytes) -> bytes:
    """Write a request's head for the internal service.

    :param head: as received.
    :param arrival: what its connection says.
    :param host: of the Host field to send.
    :returns: request line and fields, each with its CRLF, but neither X-Request-Id nor the empty line: both are the
        caller's to append.
    """
    dropped = _FROM_TRUSTED if arrival.trusted else _FROM_STRANGERS
    fields = head.fields
    named = nominated(fields)
    if named:
        dropped |= named
    if not head.minor:  # RFC 9110 §10.1.1: who speaks HTTP/1.0 expects nothing, and could not read a 100
        dropped |= {b"expect"}
    kept = without(fields, dropped)
    if b"max-forwards" in fields.combined:
        kept = [_one_hop_less(head.method, pair) for pair in kept]
    lines = [b"%b %b HTTP/1.1\r\nHost: %b" % (head.method, head.target, host)]
    lines += map(b": ".join, kept)
    if head.body == CHUNKED:
        lines.append(b"Transfer-Encoding: chunked")
    if head.websocket:  # RFC 9110 §7.8: of what was offered, only this is ours to offer on
        lines.append(b"Connection: Upgrade\r\nUpgrade: websocket")
    elif b"te" in fields.combined and head.minor and b"trailers" in tokens(fields.combined[b"te"]):
        lines.append(b"Connection: TE\r\nTE: trailers")  # RFC 9110 §10.1.4: trailers pass through us
    lines.append(_VIA[head.minor])
    lines += map(b": ".join, forwarding_pairs(head, arrival))
    lines.append(b"")
    return b"\r\n".join(lines)


def _one_hop_less(method: bytes, pair: Pair) -> Pair:
    """Count Max-Forwards down (RFC 9110 §7.6.2: of TRACE and OPTIONS; elsewhere it is left alone)."""
    name, value = pair
    if name.lower() != b"max-forwards" or method not in {b"TRACE", b"OPTIONS"} or not value.isdigit():
        return pair
    return name, b"%d" % max(int(value[:9]) - 1, 0)


def ends_here(head: RequestHead) -> bool:
    """Tell whether Max-Forwards forbids to forward a request: then we are its final recipient (RFC 9110 §7.6.2)."""
    if head.method not in {b"TRACE", b"OPTIONS"}:
        return False
    value = head.fields.combined.get(b"max-forwards")
    return value is not None and value.isdigit() and int(value[:9]) == 0


_RESPONSE = HOP_BY_HOP
_BODILESS = HOP_BY_HOP | {b"content-length"}  # RFC 9110 §8.6: never in 1xx and 204
_UNCHUNKED = HOP_BY_HOP | {b"trailer"}  # announced trailers do not survive


def downstream_response(head: ResponseHead, minor: int, close: bool, date: bytes | None) -> bytes:
    """Write a response's head for the client.

    :param head: as received.
    :param minor: of the client's HTTP/1.minor; a 1xx must not be sent to HTTP/1.0 (RFC 9110 §15.2).
    :param close: the connection to the client closes after this response. It also does, and the client is told, when
        only that can end the body: until-close bodies, and chunked ones for HTTP/1.0 (send those decoded).
    :param date: for a Date if there is none (RFC 9110 §6.6.1); ``None`` to add none.
    :returns: the complete head, its empty line included.
    """
    status, fields, body = head.status, head.fields, head.body
    dropped = HOP_BY_HOP
    if status < 200 or status == 204:
        dropped = _BODILESS
    elif body == CHUNKED and not minor:
        dropped = _UNCHUNKED
    named = nominated(fields)
    if named:
        dropped |= named
    lines = [b"HTTP/1.1 %d %b" % (status, head.reason)]
    lines += map(b": ".join, without(fields, dropped))
    if status in {101, 426}:
        lines += _upgrade(head)
    if status >= 200:
        lines += _connection(body, minor, close)
        if date is not None and b"date" not in fields.combined:
            lines.append(b"Date: " + date)
    lines.append(b"\r\n")
    return b"\r\n".join(lines)


def _connection(body: int, minor: int, close: bool) -> tuple[bytes, ...]:
    """Write framing and persistence (RFC 9112 §6.1, §9.3)."""
    if body == CHUNKED and minor:
        return (b"Transfer-Encoding: chunked\r\nConnection: close",) if close else (b"Transfer-Encoding: chunked",)
    if close or body < 0:  # until close; and chunked for HTTP/1.0
        return (b"Connection: close",)
    return () if minor else (b"Connection: keep-alive",)


def _upgrade(head: ResponseHead) -> list[bytes]:
    """Keep what a 101 switched to, and WebSocket if a 426 asks for it (RFC 9110 §7.8, §15.5.22)."""
    protocols = head.fields.combined.get(b"upgrade", b"")
    if b"websocket" not in tokens(protocols):
        return []
    return [b"Upgrade: websocket"] if head.status == 426 else [b"Connection: Upgrade", b"Upgrade: " + protocols]
