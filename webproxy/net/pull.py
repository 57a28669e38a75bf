"""Pull producers, on a transport that knows only "full" and "drained"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.internet.interfaces import IPullProducer

    from webproxy.net.transport import NativeTransport


@implementer(IPushProducer)
class PullPump:
    """Makes a push producer of a pull producer: asks it once in each turn of the loop while the buffer has room.

    Once a turn, so that one large file does not keep the other connections waiting.

    :param source: produces one piece each time it is asked, before it returns.
    :param transport: takes the pieces.
    """

    def __init__(self, source: IPullProducer, transport: NativeTransport) -> None:
        self._source = source
        self._transport = transport
        self._running = False
        self._asking = False

    def __repr__(self) -> str:
        return f"<PullPump {'running' if self._running else 'paused'} of {self._source!r}>"

    def pauseProducing(self) -> None:
        """Ask no more."""
        self._running = False

    def resumeProducing(self) -> None:
        """Ask from the next turn on."""
        self._running = True
        if not self._asking:
            self._asking = True
            self._transport.call_soon(self._ask, "resumeProducing")

    def stopProducing(self) -> None:
        """Tell the source that the connection is gone."""
        self._running = False
        self._source.stopProducing()

    def _ask(self) -> None:
        self._asking = False
        if self._running and not self._transport.disconnecting:
            self._source.resumeProducing()
            if self._running:
                self.resumeProducing()
