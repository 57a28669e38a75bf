"""A tunnel or a bridge on a memory reactor, between a client and a service whose every byte is the test's."""

from __future__ import annotations

from typing import Any

from twisted.internet import error
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from tests.wire import Transport
from webproxy.message.record import ExchangeRecord
from webproxy.net.departure import DepartureWatch
from webproxy.net.sweep import IdleSweep
from webproxy.websocket.bridge import Bridge
from webproxy.websocket.terms import Terms
from webproxy.websocket.tunnel import Tunnel

RESET = Failure(error.ConnectionLost())
DONE = Failure(error.ConnectionDone())
ABORTED = Failure(error.ConnectionAborted())


class Book:
    """A keeper: what was a channel, or a connection to the service."""

    def __init__(self) -> None:
        self.transport: Any = Transport()
        self.told: list[Failure] = []

    def close(self) -> None:
        self.transport.loseConnection()

    def connectionLost(self, reason: Failure) -> None:
        self.told.append(reason)

    def sees(self) -> bytes:
        """What was sent since this was last asked."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data


class Stage:
    """What both have in common."""

    def __init__(self, **terms: Any) -> None:
        self.clock: Any = MemoryReactorClock()
        self.client, self.upstream = Book(), Book()
        self.record = ExchangeRecord(b"1", "203.0.113.7", None, 0.0)
        self.terms = Terms(
            clock=self.clock, sweep=IdleSweep(self.clock), departures=DepartureWatch(self.clock), **terms
        )

    def tunnel(self, **given: Any) -> Tunnel:
        """Let it be a tunnel."""
        return Tunnel(self.terms, self.record, self.client, self.upstream, **given)

    def bridge(self, **given: Any) -> Bridge:
        """Let it be a bridge."""
        return Bridge(self.terms, self.record, self.client, self.upstream, **given)

    def passes(self, seconds: float) -> None:
        """Time passes."""
        for _ in range(round(seconds * 4)):
            self.clock.advance(0.25)
