"""A tunnel: bytes of an upgraded connection, passed on as they are.

What comes in on one side is written on the other before anything else is read; who does not keep up makes the other
side wait. A FIN passes as a FIN once everything before it is out, and then the other side may speak for one more
second. A reset passes as a reset.

Bytes are copied. Moving them in the kernel (``net.relay``) saves nothing here: a round trip of 64 KiB takes 30 us of
CPU either way, one of 64 bytes 13 copied and 18 moved, because every message wakes the relay anew.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionAborted, ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol, IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.net.last_words import last_words
from webproxy.net.progress import unsent
from webproxy.net.reset import was_reset
from webproxy.websocket.terms import GRACE, Couple

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall
    from twisted.python.failure import Failure

    from webproxy.message.record import ExchangeRecord
    from webproxy.websocket.terms import Keeper, Terms


@implementer(IProtocol, IHalfCloseableProtocol, IPushProducer)
class End:
    """One end of a tunnel. States: open, finished (its peer has said FIN), lost.

    :ivar other: the other end.
    :ivar count: bytes that came in here.
    :ivar paused: whether nothing is read here for now.
    """

    __slots__ = ("count", "finished", "keeper", "lost", "other", "paused", "transport", "tunnel")

    other: End

    def __init__(self, tunnel: Tunnel, keeper: Keeper) -> None:
        self.tunnel = tunnel
        self.keeper = keeper
        self.transport: Any = keeper.transport
        self.count = 0
        self.finished = False
        self.lost = False
        self.paused = False

    def __repr__(self) -> str:
        state = "lost" if self.lost else "finished" if self.finished else "open"
        return f"<{type(self).__name__} {state}{' paused' * self.paused} count={self.count}>"

    def makeConnection(self, transport: Any) -> None:
        """Never: the connection was made long ago."""

    def connectionMade(self) -> None:
        """Never either."""

    def begin(self, early: bytes) -> None:
        """Pass on what came before the tunnel stood, then all that comes."""
        if early:
            self.dataReceived(early)
        self.transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on."""
        self.count += len(data)
        self.other.transport.write(data)

    # How it ends

    def readConnectionLost(self) -> None:
        """The peer has finished."""
        self.finished = True
        self.tunnel.finished(self)

    def writeConnectionLost(self) -> None:
        """Our FIN is out."""

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone."""
        self.lost = True
        self.tunnel.terms.departures.unwatch(self.transport)
        self.tunnel.lost(self, reason)
        self.keeper.connectionLost(reason)

    # IPushProducer: whether this end's peer keeps up with what the other one says

    def pauseProducing(self) -> None:
        """It does not: the other side waits."""
        self.other.pause()

    def resumeProducing(self) -> None:
        """It has caught up."""
        self.other.resume()

    def stopProducing(self) -> None:
        """The transport is gone; ``connectionLost`` says so too."""

    def pause(self) -> None:
        """Read no more. A paused transport does not notice a reset, so it is watched meanwhile."""
        if not self.paused and not self.lost:
            self.paused = True
            self.transport.pauseProducing()
            self.tunnel.terms.departures.watch(self.transport, self._left_while_paused)

    def resume(self) -> None:
        """Read on."""
        if self.paused and not self.lost:
            self.paused = False
            self.tunnel.terms.departures.unwatch(self.transport)
            self.transport.resumeProducing()

    def _left_while_paused(self) -> None:
        """A reset counts at once; a FIN only when everything before it has been read."""
        if was_reset(self.transport):
            self.transport.abortConnection()


class TimedEnd(End):
    """An end of a tunnel that has an idle limit."""

    __slots__ = ()

    def dataReceived(self, data: bytes) -> None:
        """Pass bytes on; the limit starts anew."""
        self.tunnel.touch()
        self.count += len(data)
        self.other.transport.write(data)


class Tunnel(Couple):
    """Two ends. States: open, grace (one side has finished), over.

    :param limit: seconds without a byte after which it ends; ``math.inf`` for none.
    :ivar due: when that is, on the sweep's clock.
    """

    __slots__ = ("_grace", "_limit", "_pending", "client", "due", "upstream")

    def __init__(
        self, terms: Terms, record: ExchangeRecord, client: Keeper, upstream: Keeper, limit: float = math.inf
    ) -> None:
        super().__init__(terms, record)
        kind = End if limit == math.inf else TimedEnd
        self.client = kind(self, client)
        self.upstream = kind(self, upstream)
        self.client.other, self.upstream.other = self.upstream, self.client
        self.due = math.inf
        self._limit = limit
        self._pending = 0
        self._grace: IDelayedCall | None = None

    def __repr__(self) -> str:
        return f"<Tunnel client={self.client} upstream={self.upstream}>"

    def begin(self, from_client: bytes, from_upstream: bytes) -> None:
        """Pass on what each side has sent behind its half of the handshake, then all that comes."""
        self.touch()
        if self._limit < math.inf:
            self.terms.sweep.add(self)
        self.client.begin(from_client)
        self.upstream.begin(from_upstream)

    def counts(self) -> tuple[int, int]:
        """Give how many bytes came from the client, and how many from upstream for it."""
        return self.client.count, self.upstream.count

    def touch(self) -> None:
        """Let the idle limit start anew."""
        self.due = self.terms.sweep.now + self._limit

    def expired(self, now: float) -> None:
        """Nothing has moved for the limit, unless somebody is still reading what was sent before."""
        pending = unsent(self.client.transport) + unsent(self.upstream.transport)
        if pending and pending != self._pending:
            self._pending = pending
            self.touch()
            return
        self.blame("idle", f"nothing moved for {self._limit:g} s")
        self.client.transport.abortConnection()

    def going_away(self) -> None:
        """We are about to stop: a tunnel cannot say so, and goes on for as long as it may."""

    def finished(self, end: End) -> None:
        """One side has said its FIN; pass it on, and let the other side speak for a little while."""
        if end is self.client:
            self.blame("client")
        other = end.other
        if other.lost:
            return
        other.transport.unregisterProducer()
        other.transport.loseWriteConnection()
        if other.finished:
            self._close()
        elif self._grace is None:
            self._grace = self.terms.clock.callLater(GRACE, self._close)

    def lost(self, end: End, reason: Failure) -> None:
        """One side is gone; so is the other, once it has got everything."""
        if end is self.client:
            received, sent = self.counts()
            self.record.received += received
            self.record.sent += sent
        if reason.check(ConnectionDone) is None and reason.check(ConnectionAborted) is None:
            self.blame("client" if end is self.client else "upstream", "it reset the connection")
        other = end.other
        if other.lost:
            self._over()
        elif reason.check(ConnectionDone) is not None:
            other.keeper.close()
        elif not end.paused and (words := last_words(end.transport)):
            other.transport.write(words)
            other.keeper.close()
        else:
            other.transport.abortConnection()

    def _close(self) -> None:
        self._end_grace()
        for end in (self.client, self.upstream):
            if not end.lost:
                end.transport.unregisterProducer()
                end.keeper.close()

    def _over(self) -> None:
        self.terms.sweep.discard(self)
        self._end_grace()

    def _end_grace(self) -> None:
        grace, self._grace = self._grace, None
        if grace is not None and grace.active():
            grace.cancel()
