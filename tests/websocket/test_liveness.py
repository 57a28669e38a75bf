"""Who was silent is pinged; who does not answer is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.websocket.stage import ABORTED, Stage
from webproxy.websocket.liveness import WORD, is_ours

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge

PING = b"\x89\x10" + WORD
PONG = b"\x8a\x90\0\0\0\0" + WORD


def begun() -> tuple[Stage, Bridge]:
    stage = Stage(ping=10.0)
    bridge = stage.bridge()
    bridge.begin(b"", b"")
    return stage, bridge


def test_only_who_was_silent_is_asked() -> None:
    stage, bridge = begun()
    stage.passes(9)
    bridge.client.dataReceived(b"\x81\x82\0\0\0\0hi")
    stage.passes(2)
    assert stage.client.sees() == b""
    assert stage.upstream.sees()[:2] == b"\x81\x82"
    bridge.upstream.dataReceived(b"\x8a\x10" + WORD)
    stage.passes(10)
    assert stage.client.sees() == PING


def test_who_answers_stays_and_the_other_side_hears_nothing_of_it() -> None:
    stage, bridge = begun()
    for _ in range(5):
        stage.passes(11)
        assert stage.client.sees() in {PING, b""}
        bridge.client.dataReceived(PONG)
        bridge.upstream.dataReceived(b"\x8a\x10" + WORD)
        stage.upstream.sees()
    assert bridge.client.transport.end == bridge.upstream.transport.end == ""


def test_who_does_not_is_given_up_and_the_other_side_is_told() -> None:
    stage, bridge = begun()
    for _ in range(2):
        stage.passes(11)
        bridge.upstream.dataReceived(b"\x8a\x10" + WORD)
    assert stage.client.transport.end == "aborted"
    assert (stage.record.closed_by, stage.record.note) == ("client", "it answered no ping within 10 s")
    bridge.client.connectionLost(ABORTED)
    assert bridge.upstream.told
    stage.passes(2)
    assert stage.upstream.transport.end == "closed"


def test_a_side_that_we_do_not_read_cannot_be_heard() -> None:
    stage, bridge = begun()
    bridge.client.pause()
    for _ in range(5):
        stage.passes(11)
        bridge.upstream.dataReceived(b"\x8a\x10" + WORD)
    assert stage.client.transport.end == ""


def test_a_ping_does_not_cut_a_frame_in_two() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x82\x7e\x10\x00begun")
    stage.client.sees()
    for _ in range(3):
        stage.passes(10)
        bridge.upstream.dataReceived(b"x")
    assert stage.client.sees() == b"xxx"


def test_the_end_of_a_bridge_is_the_end_of_asking() -> None:
    stage, bridge = begun()
    bridge.client.connectionLost(ABORTED)
    bridge.upstream.connectionLost(ABORTED)
    stage.passes(1)
    assert not stage.clock.getDelayedCalls()


def test_other_pongs_are_not_ours() -> None:
    assert is_ours(WORD)
    assert not is_ours(b"webproxy")
