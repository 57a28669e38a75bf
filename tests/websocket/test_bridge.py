"""How a bridge ends: RFC 6455 §7. On sockets: ``tests/integration/test_bridges.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.websocket.stage import DONE, RESET, Stage
from webproxy.websocket.liveness import WORD

if TYPE_CHECKING:
    import pytest

    from webproxy.websocket.bridge import Bridge

CLOSE = b"\x88\x82\0\0\0\0\x03\xe8"
CLOSED = b"\x88\x02\x03\xe8"


def begun(limit: float = float("inf"), **terms: Any) -> tuple[Stage, Bridge]:
    stage = Stage(**terms)
    bridge = stage.bridge(limit=limit)
    bridge.begin(b"", b"")
    return stage, bridge


def test_rfc6455_7_1_1_the_server_of_each_leg_closes_first() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(CLOSE)
    assert stage.upstream.sees()[:2] == b"\x88\x82"
    assert stage.client.sees() == b""
    bridge.upstream.dataReceived(CLOSED)
    assert stage.client.sees() == CLOSED
    assert (stage.client.transport.end, stage.upstream.transport.end) == ("closed", "")
    bridge.upstream.readConnectionLost()
    assert stage.upstream.transport.end == "closed"
    bridge.upstream.connectionLost(DONE)
    bridge.client.connectionLost(DONE)
    assert not stage.clock.getDelayedCalls()
    assert stage.record.closed_by == ""


def test_what_the_other_side_still_says_before_it_answers_arrives() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(CLOSE)
    bridge.upstream.dataReceived(b"\x81\x02hi" + CLOSED)
    assert stage.client.sees() == b"\x81\x02hi" + CLOSED


def test_a_close_that_nobody_answers_ends_it_all_the_same() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(CLOSE)
    stage.passes(4.75)
    assert stage.client.transport.end == ""
    stage.passes(0.5)
    assert stage.client.transport.end == stage.upstream.transport.end == "closed"


def test_who_hangs_up_right_behind_its_close_gives_the_other_side_a_second() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(CLOSE)
    bridge.client.connectionLost(DONE)
    assert stage.upstream.transport.end == ""
    stage.passes(1.25)
    assert stage.upstream.transport.end == "closed"


def test_a_fin_without_a_close_is_passed_on_as_one() -> None:
    stage, bridge = begun()
    bridge.client.readConnectionLost()
    assert stage.upstream.sees() == b""
    assert stage.upstream.transport.end == stage.client.transport.end == "closed"
    assert stage.record.note == "it left without a Close"


def test_a_fin_behind_a_close_waits_for_the_answer() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(CLOSE)
    bridge.client.readConnectionLost()
    assert stage.client.transport.end == ""
    bridge.upstream.dataReceived(CLOSED)
    assert stage.client.sees() == CLOSED
    assert stage.client.transport.end == "closed"


def test_a_reset_is_passed_on_as_one() -> None:
    stage, bridge = begun()
    bridge.client.connectionLost(RESET)
    assert stage.upstream.transport.end == "aborted"
    assert (stage.record.closed_by, stage.record.note) == ("client", "it reset the connection")


def test_rfc6455_7_1_7_who_breaks_the_rules_gets_a_fin_and_is_read_no_more() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(b"\x81\x02hi")
    assert stage.client.sees()[2:4] == b"\x03\xea"
    assert stage.client.transport.end == "finished"
    bridge.client.dataReceived(b"\x81\x82\0\0\0\0hi")
    assert stage.upstream.sees()[:1] == b"\x88"
    stage.passes(1.25)
    assert stage.client.transport.end == stage.upstream.transport.end == "closed"


def test_a_drain_is_said_to_both() -> None:
    stage, bridge = begun()
    bridge.going_away()
    assert stage.client.sees() == b"\x88\x02\x03\xe9"
    assert stage.upstream.sees()[:2] == b"\x88\x82"
    assert stage.record.closed_by == "drain"
    bridge.client.dataReceived(CLOSE)
    assert stage.client.transport.end == "closed"


def test_a_policys_limit_counts_messages_and_pings_but_not_our_own() -> None:
    stage, bridge = begun(limit=10.0)
    for said in (b"\x81\x02hi", b"\x89\x00", b"\x8a\x00"):
        stage.passes(9)
        bridge.upstream.dataReceived(said)
    stage.passes(9)
    bridge.upstream.dataReceived(b"\x8a\x10" + WORD)
    assert stage.record.closed_by == ""
    stage.passes(2)
    assert (stage.record.closed_by, stage.record.note) == ("idle", "nothing moved for 10 s")
    assert b"nothing moved" in stage.client.sees()


def test_a_limit_does_not_count_while_somebody_reads_what_was_said_before(monkeypatch: pytest.MonkeyPatch) -> None:
    left = iter([50, 40, 30, 30, 20, 20, 20, 20, 20])
    monkeypatch.setattr("webproxy.websocket.bridge.unsent", lambda _: next(left))
    stage, _ = begun(limit=10.0)
    stage.passes(31)
    assert stage.record.closed_by == ""
    stage.passes(20)
    assert stage.record.closed_by == "idle"


def test_what_the_service_has_sent_is_counted_for_the_log() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x81\x02hi")
    assert bridge.counts() == (0, 4)
    bridge.client.connectionLost(DONE)
    assert (stage.record.received, stage.record.sent) == (0, 4)
