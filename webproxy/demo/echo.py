"""``/echo``: a WebSocket that sends back what it gets, text as text and bytes as bytes (RFC 6455).

twisted.web's own WebSocket gives whole messages, so one message is held in memory; a client who sends without reading
is not read from until it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, cast

from twisted.internet.interfaces import IPushProducer
from twisted.web.websocket import WebSocketResource
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.python.failure import Failure
    from twisted.web.server import Request
    from twisted.web.websocket import WebSocketTransport

    from webproxy.demo.tally import Tally


class Wire(Protocol):
    """What an echo asks of the byte stream below its WebSocket."""

    disconnecting: bool

    def pauseProducing(self) -> None:
        """Read no more."""

    def resumeProducing(self) -> None:
        """Read on."""

    def unregisterProducer(self) -> None:
        """Tell nobody of a full buffer."""


@implementer(IPushProducer)
class Echo:
    """One connection.

    :param wire: the byte stream below the WebSocket.
    :param tally: where the connection is counted.
    """

    _socket: WebSocketTransport

    def __init__(self, wire: Wire, tally: Tally) -> None:
        self._wire = wire
        self._tally = tally

    def negotiationStarted(self, transport: WebSocketTransport) -> None:
        """The upgrade is accepted; from here on the WebSocket, not the HTTP channel, hears of a full buffer."""
        self._tally.begin()
        self._socket = transport
        self._wire.unregisterProducer()
        transport.attachProducer(self)

    def negotiationFinished(self) -> None:
        """The client may send."""

    def textMessageReceived(self, message: str) -> None:
        """Send it back."""
        self._socket.sendTextMessage(message)

    def bytesMessageReceived(self, data: bytes | bytearray) -> None:
        """Send it back."""
        self._socket.sendBytesMessage(bytes(data))

    def pongReceived(self, payload: bytes) -> None:
        """Nobody pinged; RFC 6455 §5.5.3 allows it."""

    def connectionLost(self, reason: Failure) -> None:
        """Closed in order or not: a WebSocket has no other end than its connection's."""
        self._tally.end(complete=True)

    def pauseProducing(self) -> None:
        """The client does not read: take no more from it."""
        self._wire.pauseProducing()

    def resumeProducing(self) -> None:
        """The client reads again."""
        if self._wire.disconnecting:
            # Twisted closes a drained transport only when nothing is registered that might still write to it
            self._socket.detachProducer()
        else:
            self._wire.resumeProducing()

    def stopProducing(self) -> None:
        """The connection is gone; connectionLost says so too."""


class EchoFactory:
    """Gives every connection an :class:`Echo`."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally

    def buildProtocol(self, request: Request) -> Echo:
        """Called when the client's handshake is right."""
        return Echo(cast("Wire", request.transport), self._tally)


def echo_resource(tally: Tally) -> WebSocketResource:
    """The resource at ``/echo``."""
    return WebSocketResource(EchoFactory(tally))
