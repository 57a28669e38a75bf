"""Tests as scripts of the wire: the client says, upstream sees, upstream says, the client sees.

A whole proxy without a socket: Twisted's memory reactor, its clock in our hands, and one transport per connection that
remembers what was written to it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from webproxy.downstream.site import Site
from webproxy.downstream.trust import Trust
from webproxy.net.address import Networks
from webproxy.net.departure import DepartureWatch
from webproxy.net.destination import Tcp
from webproxy.net.endings import half_closeable
from webproxy.net.relays import Relays
from webproxy.net.sweep import IdleSweep
from webproxy.resources.forward import Forward
from webproxy.upstream.host_rule import HostRule
from webproxy.upstream.pool import Pool
from webproxy.websocket.terms import Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.downstream.limits import Limits
    from webproxy.message.record import ExchangeRecord

DATE = b"Sun, 22 Nov 2026 21:13:52 GMT"
EPOCH = 1795382032.0


class Transport(StringTransport):
    """A transport that tells how it ended.

    :ivar end: ``""`` (open), ``closed``, ``aborted``; ``finished`` once our FIN is out.
    :ivar ended_well: whether the far end saw our FIN, whatever came after it.
    :param room: how much may be written until the far end has read it; beyond, the transport says that it is full.
    """

    def __init__(self, peer: IPv4Address | None = None, room: float = math.inf) -> None:
        super().__init__(peerAddress=peer)
        self.room = room
        self.protocol: Any = None
        self.end = ""
        self.ended_well = False
        self.reading = True

    def fileno(self) -> int:
        """There is no descriptor."""
        return -1

    def write(self, data: bytes) -> None:
        """Take it; pause whoever writes when it is too much."""
        super().write(data)
        if self.room < math.inf and len(self.value()) > self.room and self.producer is not None:
            self.producer.pauseProducing()

    def loseConnection(self) -> None:
        """Our side is done."""
        self.end = "closed" if self.end == "finished" else self.end or "closed"
        self.ended_well = self.end != "aborted"

    def abortConnection(self) -> None:
        """Our side is done at once."""
        self.end = "aborted"

    def loseWriteConnection(self) -> None:
        """Our side has said its last word."""
        self.end = self.end or "finished"
        self.ended_well = self.end != "aborted"

    def pauseProducing(self) -> None:
        """Stop reading, as often as asked."""
        self.reading = False

    def resumeProducing(self) -> None:
        """Read on, as often as asked."""
        self.reading = True

    def unregisterProducer(self) -> None:
        """As often as asked, as on real transports."""
        self.producer = None

    def setTcpNoDelay(self, enabled: Any) -> None:
        """Accepted."""

    def setTcpKeepAlive(self, enabled: Any) -> None:
        """Accepted."""


class Side:
    """One connection as its far end sees it."""

    def __init__(self, protocol: Any, transport: Transport) -> None:
        self.protocol = protocol
        self.transport = transport
        transport.protocol = protocol
        protocol.makeConnection(transport)

    def says(self, data: bytes) -> None:
        """The far end sends."""
        self.transport.protocol.dataReceived(data)

    def sees(self) -> bytes:
        """What was sent to the far end since this was last asked."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def leaves(self, *, reset: bool = False) -> None:
        """The far end closes."""
        if not reset:
            self.finishes()
        self.transport.protocol.connectionLost(Failure(error.ConnectionLost() if reset else error.ConnectionDone()))

    def finishes(self) -> None:
        """The far end says its FIN; only whoever cares for half a connection hears of it."""
        protocol = half_closeable(self.transport.protocol)
        if protocol is not None:
            protocol.readConnectionLost()

    def stalls(self) -> None:
        """The far end stops reading."""
        self._producer.pauseProducing()

    def catches_up(self) -> None:
        """The far end has read everything."""
        self._producer.resumeProducing()

    @property
    def _producer(self) -> Any:
        return self.transport.producer

    @property
    def end(self) -> str:
        """How our side ended: ``""``, ``closed``, ``aborted`` or ``finished``."""
        return self.transport.end

    @property
    def read_from(self) -> bool:
        """Whether we still read what the far end sends."""
        return self.transport.reading


class Wire:
    """A proxy between clients and one internal service on 127.0.0.1:8080.

    :ivar records: the exchanges that ended.
    :ivar wall: the time of day, in seconds since the epoch.
    """

    def __init__(
        self,
        root: Any = None,
        *,
        idle: float = 60.0,
        limits: Limits | None = None,
        layer_4: Sequence[str] = (),
        trusted: Sequence[str] = (),
        **forward: Any,
    ) -> None:
        self.reactor: Any = MemoryReactorClock()
        self.records: list[ExchangeRecord] = []
        self.wall = EPOCH
        self.sweep = IdleSweep(self.reactor)
        self.pool = Pool(
            self.reactor,
            forward.pop("destinations", (Tcp("127.0.0.1", 8080),)),
            sweep=self.sweep,
            connect_timeout=10.0,
        )
        rule = HostRule(forward.pop("upstream_host", "preserve"), b"localhost:8080", self.pool, self.reactor)
        departures = DepartureWatch(self.reactor)
        terms = Terms(clock=self.reactor, sweep=self.sweep, departures=departures, **forward.pop("terms", {}))
        self.forward = Forward(self.pool, rule, terms, relays=Relays(self.reactor), **forward)
        self.site = Site(
            root or self.forward,
            port=12345,
            idle=idle,
            sweep=self.sweep,
            departures=departures,
            observer=self,
            limits=limits,
            trust=Trust(layer_4=Networks(layer_4), http=Networks(trusted)),
        )
        self.site.wall = lambda: self.wall
        self._answered = 0

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Observer: keep it."""
        self.records.append(record)

    def client(self, host: str = "203.0.113.7") -> Side:
        """A client connects."""
        peer = IPv4Address("TCP", host, 50000)
        return Side(self.site.buildProtocol(peer), Transport(peer))

    @property
    def attempts(self) -> int:
        """How many connections to upstream nobody has answered yet."""
        return len(self.reactor.tcpClients) - self._answered

    def upstream(self, room: float = math.inf) -> Side:
        """Upstream takes the oldest connection attempt that waits."""
        factory = self._next_attempt()
        address = IPv4Address("TCP", "127.0.0.1", 8080)
        return Side(factory.buildProtocol(address), Transport(address, room))

    def upstream_refuses(self) -> None:
        """Nothing listens where the oldest attempt went."""
        self._next_attempt().clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))

    def _next_attempt(self) -> Any:
        factory = self.reactor.tcpClients[self._answered][2]
        self._answered += 1
        return factory

    def passes(self, seconds: float) -> None:
        """Time passes, in steps as fine as the sweep's."""
        for _ in range(round(seconds / 0.25)):
            self.reactor.advance(0.25)
