"""What the rooms above ask of a byte stream's transport.

Both our own transports on uvloop and Twisted's on every other reactor have this shape; who moves bytes names this
type and needs to know neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress


class StreamProducer(Protocol):
    """Told by a transport that its buffer is full, or has room again (``IPushProducer``)."""

    def pauseProducing(self) -> None:
        """Stop writing: the peer does not keep up."""

    def resumeProducing(self) -> None:
        """Write on: the buffer has drained."""

    def stopProducing(self) -> None:
        """Stop for good: the connection is gone."""


class StreamTransport(Protocol):
    """The part of ``ITCPTransport`` and ``IPushProducer`` that we use.

    :ivar protocol: gets the bytes; whoever sets another makes that get those that follow.
    """

    protocol: Any

    def write(self, data: bytes, /) -> None:
        """Send ``data``, now or when the buffer has room."""

    def loseConnection(self) -> None:
        """Close once everything written has been sent."""

    def abortConnection(self) -> None:
        """Close at once, and let the peer see a reset."""

    def loseWriteConnection(self) -> None:
        """Send a FIN after what has been written; reading goes on."""

    def pauseProducing(self) -> None:
        """Stop reading."""

    def resumeProducing(self) -> None:
        """Read on."""

    def registerProducer(self, producer: StreamProducer, streaming: bool) -> None:
        """Tell ``producer`` when the write buffer is full and when it has drained."""

    def unregisterProducer(self) -> None:
        """Tell it no more."""

    def getPeer(self) -> IAddress:
        """The other end's address."""

    def getHost(self) -> IAddress:
        """This end's address."""

    def fileno(self) -> int:
        """The descriptor's number; -1 once it is closed."""
