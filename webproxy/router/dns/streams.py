"""TCP: messages with their lengths in front (RFC 1035 §4.2.2, RFC 7766).

Rule of this file: I/O and its bounds only: so many connections, so many from one address, so long each, and whoever
does not read its answers is not read either.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol, IPushProducer
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from zope.interface import implementer

from webproxy.address import neighbourhood
from webproxy.net.address import plain

if TYPE_CHECKING:
    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure

    from webproxy.net.sweep import IdleSweep
    from webproxy.router.dns.responder import Responder

CONNECTIONS = 256
PER_ADDRESS = 16
"""From one address, IPv6 by /64."""
IDLE = 10.0
"""Seconds for the next question (RFC 7766 §6.2.3: a few seconds)."""
LIFE = 60.0
"""Seconds of a connection in all."""
LONGEST = 4096
"""Bytes of a message; no question has so many."""


@implementer(IPushProducer, IHalfCloseableProtocol)
class Stream(Protocol):
    """A connection. States: open, held (answers wait to be read), closed.

    :ivar due: for the sweep.
    """

    factory: Streams
    transport: Any

    def __init__(self) -> None:
        self.due = math.inf
        self._waiting = b""
        self._held = False

    def __repr__(self) -> str:
        return f"<Stream {'held' if self._held else 'open'}>"

    def connectionMade(self) -> None:
        """Begin to count its time."""
        sweep = self.factory.sweep
        sweep.add(self)
        self._until = sweep.now + LIFE
        self.due = sweep.now + IDLE
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        """Answer every message that is whole."""
        self._waiting += data
        self._go_on()

    def _go_on(self) -> None:
        at = 0
        while not self._held and len(self._waiting) >= at + 2:
            end = at + 2 + int.from_bytes(self._waiting[at : at + 2], "big")
            if end > at + 2 + LONGEST:
                self.transport.abortConnection()
                return
            if len(self._waiting) < end:
                break
            answer = self.factory.responder.stream(self._waiting[at + 2 : end])
            at = end
            if answer is None:  # noise, or somebody's answer
                self.transport.abortConnection()
                return
            self.due = min(self.factory.sweep.now + IDLE, self._until)
            self.transport.write(len(answer).to_bytes(2, "big") + answer)
        self._waiting = self._waiting[at:]

    def pauseProducing(self) -> None:
        """Read no more: answers wait to be read."""
        self._held = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read on."""
        self._held = False
        self._go_on()
        if not self._held:
            self.transport.resumeProducing()

    def stopProducing(self) -> None:
        """Do nothing: the connection is over."""

    def readConnectionLost(self) -> None:
        """Answer what was asked, and end: who asks may say at once that this was all."""
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def writeConnectionLost(self) -> None:
        """Do nothing: we end both ways at once."""

    def expired(self, now: float) -> None:
        """It took too long."""
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Make room for another one."""
        self.factory.sweep.discard(self)
        self.factory.gone(self)


class Streams(ServerFactory):
    """The connections of one server, on however many sockets."""

    noisy = False

    def __init__(self, responder: Responder, sweep: IdleSweep) -> None:
        self.responder = responder
        self.sweep = sweep
        self.open: dict[Stream, str] = {}
        self._by_address: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"<Streams open={len(self.open)}>"

    def buildProtocol(self, addr: IAddress | None) -> Stream | None:  # type: ignore[override]
        """Take a connection, if there is room for it."""
        place = neighbourhood(plain(getattr(addr, "host", "")))
        if len(self.open) >= CONNECTIONS or self._by_address[place] >= PER_ADDRESS:
            self.responder.counts["refused"] += 1
            return None
        stream = Stream()
        stream.factory = self
        self.open[stream] = place
        self._by_address[place] += 1
        return stream

    def gone(self, stream: Stream) -> None:
        """A connection has ended."""
        place = self.open.pop(stream)
        self._by_address[place] -= 1
        if not self._by_address[place]:
            del self._by_address[place]

    def close(self) -> None:
        """End all of them."""
        for stream in list(self.open):
            stream.transport.abortConnection()
