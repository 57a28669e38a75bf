"""Pull producers on a transport that only knows "full" and "drained"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.internet.interfaces import IPullProducer

    from webproxy.net.transport import NativeTransport


@implementer(IPushProducer)
class PullPump:
    """Makes a push producer of a pull producer: asks it once a turn while the buffer has room.

    Asking once a turn keeps one download from starving the other connections.

    :param source: produces one piece each time it is asked.
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
        """Ask now and go on asking."""
        self._running = True
        self._ask_soon()

    def stopProducing(self) -> None:
        """Tell the source that the connection is gone."""
        self._running = False
        self._source.stopProducing()

    def _ask_soon(self) -> None:
        if not self._asking:
            self._asking = True
            self._transport.call_soon(self._ask, "resumeProducing")

    def _ask(self) -> None:
        self._asking = False
        if self._running and self._transport.connected:
            self._source.resumeProducing()
        if self._running and self._transport.connected:
            self._ask_soon()
