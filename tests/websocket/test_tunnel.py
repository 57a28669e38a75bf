"""Two ends that share their fate; what each side says and how it leaves."""

from __future__ import annotations

import math
from typing import Any

import pytest
from twisted.internet import error
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from tests.wire import Transport
from webproxy.message.record import ExchangeRecord
from webproxy.net.departure import DepartureWatch
from webproxy.net.sweep import IdleSweep
from webproxy.websocket.terms import Terms
from webproxy.websocket.tunnel import Tunnel


class Book:
    """A keeper: what was a channel, or a connection to the service."""

    def __init__(self) -> None:
        self.transport: Any = Transport()
        self.told: list[Failure] = []

    def close(self) -> None:
        self.transport.loseConnection()

    def abort(self) -> None:
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure) -> None:
        self.told.append(reason)


class Stage:
    """A tunnel between a client and a service."""

    def __init__(self, limit: float = math.inf) -> None:
        self.clock: Any = MemoryReactorClock()
        self.client, self.upstream = Book(), Book()
        self.record = ExchangeRecord(b"1", "203.0.113.7", None, 0.0)
        sweep = IdleSweep(self.clock)
        terms = Terms(clock=self.clock, sweep=sweep, departures=DepartureWatch(self.clock))
        self.tunnel = Tunnel(terms, self.record, self.client, self.upstream, limit)

    def begun(self, from_client: bytes = b"", from_upstream: bytes = b"") -> Stage:
        self.tunnel.begin(from_client, from_upstream)
        return self

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.clock.advance(0.25)


RESET = Failure(error.ConnectionLost())
DONE = Failure(error.ConnectionDone())


def test_bytes_pass_as_they_are_the_early_ones_first() -> None:
    stage = Stage().begun(b"early", b"frame")
    assert stage.upstream.transport.value() == b"early"
    assert stage.client.transport.value() == b"frame"
    stage.tunnel.client.dataReceived(b", late")
    stage.tunnel.upstream.dataReceived(b"s")
    assert stage.upstream.transport.value() == b"early, late"
    assert stage.client.transport.value() == b"frames"


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_fin_passes_as_a_fin_and_the_other_side_may_speak_for_a_second(first: str) -> None:
    stage = Stage().begun()
    one, other = stage.tunnel.client, stage.tunnel.upstream
    if first == "upstream":
        one, other = other, one
    one.readConnectionLost()
    assert other.transport.end == "finished"
    stage.clock.advance(0.9)
    other.dataReceived(b"last words")
    assert one.transport.value() == b"last words"
    assert one.transport.end == ""
    stage.clock.advance(0.1)
    assert (one.transport.end, other.transport.end) == ("closed", "closed")
    assert stage.record.closed_by == ("client" if first == "client" else "")


def test_when_both_have_finished_both_are_closed_at_once() -> None:
    stage = Stage().begun()
    stage.tunnel.upstream.readConnectionLost()
    stage.tunnel.client.readConnectionLost()
    assert stage.client.transport.end == stage.upstream.transport.end == "closed"
    stage.tunnel.client.connectionLost(DONE)
    stage.tunnel.upstream.connectionLost(DONE)
    assert not stage.clock.getDelayedCalls()
    assert (len(stage.client.told), len(stage.upstream.told)) == (1, 1)


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_reset_passes_as_a_reset(first: str) -> None:
    stage = Stage().begun(b"12345", b"123")
    one, other = stage.tunnel.client, stage.tunnel.upstream
    if first == "upstream":
        one, other = other, one
    one.connectionLost(RESET)
    assert other.transport.end == "aborted"
    other.connectionLost(Failure(error.ConnectionAborted()))
    assert (stage.record.closed_by, stage.record.note) == (first, "it reset the connection")
    assert (stage.record.received, stage.record.sent) == (5, 3)


def test_the_second_ends_with_the_connections() -> None:
    stage = Stage().begun()
    stage.tunnel.client.readConnectionLost()
    stage.tunnel.upstream.connectionLost(DONE)
    assert stage.client.transport.end == "closed"
    stage.tunnel.client.connectionLost(DONE)
    assert not stage.clock.getDelayedCalls()


def test_who_does_not_keep_up_makes_the_other_side_wait() -> None:
    stage = Stage().begun()
    stage.client.transport.producer.pauseProducing()
    assert not stage.upstream.transport.reading
    assert stage.client.transport.reading
    stage.client.transport.producer.resumeProducing()
    assert stage.upstream.transport.reading


def test_without_a_limit_silence_is_no_reason() -> None:
    stage = Stage().begun()
    stage.passes(100_000)
    assert stage.client.transport.end == stage.upstream.transport.end == ""


def test_a_policys_limit_counts_from_the_last_byte_of_either_side() -> None:
    stage = Stage(limit=10).begun()
    for end in (stage.tunnel.client, stage.tunnel.upstream) * 3:
        stage.passes(9)
        end.dataReceived(b"x")
    stage.passes(9)
    assert stage.client.transport.end == ""
    stage.passes(2)
    assert stage.client.transport.end == "aborted"
    stage.tunnel.client.connectionLost(Failure(error.ConnectionAborted()))
    assert stage.upstream.transport.end == "aborted"
    stage.tunnel.upstream.connectionLost(Failure(error.ConnectionAborted()))
    assert (stage.record.closed_by, stage.record.note) == ("idle", "nothing moved for 10 s")
    stage.passes(1)
    assert not stage.clock.getDelayedCalls()


def test_what_is_said_of_an_end_says_its_state() -> None:
    stage = Stage().begun(b"abc")
    stage.tunnel.upstream.pause()
    assert repr(stage.tunnel) == "<Tunnel client=<End open count=3> upstream=<End open paused count=0>>"
