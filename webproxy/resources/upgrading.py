"""An exchange that asks to become a WebSocket: refused, answered as any other, or handed over to ``websocket/``.

The client's handshake is judged first, upstream's comes before the client's is answered, and the mode in which the
WebSocket will pass is decided before upstream is asked.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.rewrite import downstream_response
from webproxy.resources.forwarding import Forwarding
from webproxy.websocket.opening import VERSION, Opening, WrongVersionError, check_acceptance, read_opening
from webproxy.websocket.tunnel import Tunnel

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.message.head import ResponseHead
    from webproxy.resources.forward import Forward

VERSIONS = ((b"Upgrade", b"websocket"), (b"Sec-WebSocket-Version", b"%d" % VERSION))
"""What a client of another version is told (RFC 6455 §4.4)."""


def upgrade(forward: Forward, request: Request) -> None:
    """Begin an exchange whose request asks for a WebSocket."""
    try:
        opening = read_opening(request.head.fields)
    except ClientProtocolError as error:
        request.record.closed_by = "client"
        wrong_version = isinstance(error, WrongVersionError)
        request.answer(error.status, f"webproxy: {error.detail}.", VERSIONS if wrong_version else ())
        return
    Upgrading(forward, request, opening).begin()


class Upgrading(Forwarding):
    """States: as of any exchange, and given away (the client has its 101, both connections are ``websocket``'s).

    :param opening: the client's handshake.
    """

    __slots__ = ("_opening",)

    def __init__(self, forward: Forward, request: Request, opening: Opening) -> None:
        super().__init__(forward, request)
        self._opening = opening

    def upgraded(self, head: ResponseHead, block: bytes, early: bytes) -> None:
        """Join the two connections."""
        request, connection = self._request, self._connection
        if request is None or connection is None:
            return
        try:
            check_acceptance(self._opening.key, head.fields)
        except UpstreamProtocolError as error:
            self.refuse_switch(error)
            return
        request.classify(inf)
        told = self._judged(request, head, None)
        if told is None:
            return
        self._request = self._connection = None
        tunnel = Tunnel(self._forward.terms, request.record, request.channel, connection, request.limit)
        connection.give_away(tunnel.upstream)
        block = block if told is head else downstream_response(told, 1, False, None)
        tunnel.begin(request.upgrade(block, tunnel, tunnel.client), early)
