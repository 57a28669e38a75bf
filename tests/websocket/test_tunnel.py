"""Two ends that share their fate; what each side says and how it leaves."""

from __future__ import annotations

import math

import pytest

from tests.websocket.stage import ABORTED, DONE, RESET, Stage


class Begun(Stage):
    """A tunnel that stands."""

    def __init__(self, limit: float = math.inf) -> None:
        super().__init__()
        self.joined = self.tunnel(limit=limit)

    def begun(self, from_client: bytes = b"", from_upstream: bytes = b"") -> Begun:
        self.joined.begin(from_client, from_upstream)
        return self


def test_bytes_pass_as_they_are_the_early_ones_first() -> None:
    stage = Begun().begun(b"early", b"frame")
    assert stage.upstream.transport.value() == b"early"
    assert stage.client.transport.value() == b"frame"
    stage.joined.client.dataReceived(b", late")
    stage.joined.upstream.dataReceived(b"s")
    assert stage.upstream.transport.value() == b"early, late"
    assert stage.client.transport.value() == b"frames"


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_fin_passes_as_a_fin_and_the_other_side_may_speak_for_a_second(first: str) -> None:
    stage = Begun().begun()
    one, other = stage.joined.client, stage.joined.upstream
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
    stage = Begun().begun()
    stage.joined.upstream.readConnectionLost()
    stage.joined.client.readConnectionLost()
    assert stage.client.transport.end == stage.upstream.transport.end == "closed"
    stage.joined.client.connectionLost(DONE)
    stage.joined.upstream.connectionLost(DONE)
    assert not stage.clock.getDelayedCalls()
    assert (len(stage.client.told), len(stage.upstream.told)) == (1, 1)


@pytest.mark.parametrize("first", ["client", "upstream"])
def test_a_reset_passes_as_a_reset(first: str) -> None:
    stage = Begun().begun(b"12345", b"123")
    one, other = stage.joined.client, stage.joined.upstream
    if first == "upstream":
        one, other = other, one
    one.connectionLost(RESET)
    assert other.transport.end == "aborted"
    other.connectionLost(ABORTED)
    assert (stage.record.closed_by, stage.record.note) == (first, "it reset the connection")
    assert (stage.record.received, stage.record.sent) == (5, 3)


def test_the_second_ends_with_the_connections() -> None:
    stage = Begun().begun()
    stage.joined.client.readConnectionLost()
    stage.joined.upstream.connectionLost(DONE)
    assert stage.client.transport.end == "closed"
    stage.joined.client.connectionLost(DONE)
    assert not stage.clock.getDelayedCalls()


def test_who_does_not_keep_up_makes_the_other_side_wait() -> None:
    stage = Begun().begun()
    stage.client.transport.producer.pauseProducing()
    assert not stage.upstream.transport.reading
    assert stage.client.transport.reading
    stage.client.transport.producer.resumeProducing()
    assert stage.upstream.transport.reading


def test_without_a_limit_silence_is_no_reason() -> None:
    stage = Begun().begun()
    stage.passes(100_000)
    assert stage.client.transport.end == stage.upstream.transport.end == ""


def test_a_policys_limit_counts_from_the_last_byte_of_either_side() -> None:
    stage = Begun(limit=10).begun()
    for end in (stage.joined.client, stage.joined.upstream) * 3:
        stage.passes(9)
        end.dataReceived(b"x")
    stage.passes(9)
    assert stage.client.transport.end == ""
    stage.passes(2)
    assert stage.client.transport.end == "aborted"
    stage.joined.client.connectionLost(ABORTED)
    assert stage.upstream.transport.end == "aborted"
    stage.joined.upstream.connectionLost(ABORTED)
    assert (stage.record.closed_by, stage.record.note) == ("idle", "nothing moved for 10 s")
    stage.passes(1)
    assert not stage.clock.getDelayedCalls()


def test_what_is_said_of_an_end_says_its_state() -> None:
    stage = Begun().begun(b"abc")
    stage.joined.upstream.pause()
    assert repr(stage.joined) == "<Tunnel client=<End open count=3> upstream=<End open paused count=0>>"


def test_a_limit_does_not_count_while_somebody_reads_what_was_sent_before(monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([50, 40, 30, 30, 20, 20, 20, 20, 20])
    monkeypatch.setattr("webproxy.websocket.tunnel.unsent", lambda _: next(left))
    stage = Begun(limit=10).begun()
    stage.passes(31)
    assert stage.record.closed_by == ""
    stage.passes(20)
    assert stage.record.closed_by == "idle"


def test_what_was_said_before_a_reset_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A write fails, and what the service said before it closed is in the kernel."""
    monkeypatch.setattr("webproxy.websocket.tunnel.last_words", lambda _: b"too big")
    stage = Begun().begun()
    stage.joined.upstream.connectionLost(RESET)
    assert stage.client.sees() == b"too big"
    assert stage.client.transport.end == "closed"
    assert stage.record.closed_by == "upstream"
