"""The head of a message as values: what a request asks and what a response answers, bodies apart.

Rule of this file: data only. Whoever holds one of these may rely on it: it was checked by ``parser``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from webproxy.message.fields import Fields


class RequestHead(NamedTuple):
    """A request's head (RFC 9112 §3, RFC 9110 §6).

    :ivar method: case-sensitive (RFC 9110 §9.1); never ``CONNECT``.
    :ivar target: origin-form (absolute-form is reduced to it), or ``b"*"`` (RFC 9112 §3.2).
    :ivar authority: ``host[:port]`` the request is for; ``b""`` only for HTTP/1.0 without Host.
    :ivar minor: 0 or 1, of HTTP/1.minor.
    :ivar fields: as received, Host included even when absolute-form overrides it.
    :ivar body: bytes, or ``framing.CHUNKED``.
    :ivar persistent: the client wants the connection kept (RFC 9112 §9.3).
    :ivar expects_continue: it holds its body back until a 100 arrives (RFC 9110 §10.1.1).
    :ivar websocket: it asks for an upgrade to WebSocket (RFC 6455 §4.2.1, steps 1 to 4).
    """

    method: bytes
    target: bytes
    authority: bytes
    minor: int
    fields: Fields
    body: int
    persistent: bool
    expects_continue: bool
    websocket: bool

    def with_fields(self, fields: Fields) -> RequestHead:
        """Give the same head with other fields; ``_replace`` takes three times as long."""
        method, target, authority, minor, _, body, persistent, expects_continue, websocket = self
        return RequestHead(method, target, authority, minor, fields, body, persistent, expects_continue, websocket)


class ResponseHead(NamedTuple):
    """A response's head (RFC 9112 §4, RFC 9110 §6).

    :ivar status: 100 to 599.
    :ivar reason: the reason phrase, possibly empty.
    :ivar minor: 0 or 1, of HTTP/1.minor.
    :ivar fields: as received.
    :ivar body: bytes, ``framing.CHUNKED`` or ``framing.UNTIL_CLOSE``.
    :ivar persistent: the connection may carry another request once the body has ended.
    """

    status: int
    reason: bytes
    minor: int
    fields: Fields
    body: int
    persistent: bool
