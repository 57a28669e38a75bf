"""Which upgrades there are: WebSocket, and no other (RFC 9110 §7.8, RFC 6455 §4.2.1).

Rule of this file: it tells what a request asks for; whether the handshake is sound is checked by whoever shakes hands.
"""

from __future__ import annotations

from webproxy.message.fields import Fields, tokens


def asks_websocket(method: bytes, minor: int, fields: Fields, body: int) -> bool:
    """Tell whether a request asks to become a WebSocket.

    Anything else that names Upgrade (h2c, TLS/1.0) goes on without it: RFC 9110 §7.8 lets a server ignore it.

    :param method: of the request.
    :param minor: of its HTTP/1.minor.
    :param fields: its fields.
    :param body: its length; with one, an upgrade would be as unclear as it is unheard of.
    """
    protocols = fields.combined.get(b"upgrade")
    if protocols is None or method != b"GET" or not minor or body:
        return False
    options = tokens(fields.combined.get(b"connection", b""))
    return b"upgrade" in options and b"websocket" in tokens(protocols)
