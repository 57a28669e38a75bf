"""One leg: how much is read at a time, and when reading waits."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest

from tests.websocket.stage import Stage
from webproxy.websocket.leg import BITE

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge

SMALL = b"\x82\x84\0\0\0\0abcd"


def begun() -> tuple[Stage, Bridge]:
    stage = Stage()
    bridge = stage.bridge()
    bridge.begin(b"", b"")
    return stage, bridge


def bites(bridge: Bridge) -> list[int]:
    """How many bytes autobahn gets at a time."""
    sizes: list[int] = []
    read = bridge.client._read

    def noted(data: bytes) -> None:
        sizes.append(len(data))
        read(data)

    bridge.client._read = noted  # type: ignore[method-assign]
    return sizes


def test_many_small_frames_are_read_bite_by_bite() -> None:
    stage, bridge = begun()
    sizes = bites(bridge)
    bridge.client.dataReceived(SMALL * 10_000)
    while stage.clock.getDelayedCalls():
        assert not stage.client.transport.reading
        stage.clock.advance(0)
    assert stage.client.transport.reading
    assert max(sizes) == BITE
    assert len(stage.upstream.sees()) == len(SMALL) * 10_000


@pytest.mark.parametrize("size", [20_000, 70_000])
def test_a_large_frame_is_read_at_once(size: int) -> None:
    _, bridge = begun()
    sizes = bites(bridge)
    length = b"\xfe" + size.to_bytes(2, "big") if size < 65536 else b"\xff" + size.to_bytes(8, "big")
    frame = b"\x82" + length + bytes(4) + b"x" * size
    bridge.client.dataReceived(frame)
    assert sizes == [len(frame)]
    bridge.client.dataReceived(frame[:5000])
    bridge.client.dataReceived(frame[5000:])
    assert len(sizes) == 3


def test_what_the_other_side_has_no_room_for_waits_unread() -> None:
    stage, bridge = begun()
    stage.upstream.transport.room = 1000
    bridge.client.dataReceived(SMALL * 10_000)
    seen = len(stage.upstream.sees())
    assert seen < 10_000
    stage.clock.advance(0)
    assert not stage.upstream.sees()
    while not stage.client.transport.reading:
        assert bridge.client.paused
        stage.upstream.transport.producer.resumeProducing()
        stage.clock.advance(0)
        seen += len(stage.upstream.sees())
    assert seen == len(SMALL) * 10_000


def test_what_is_said_of_a_leg_says_its_state() -> None:
    _, bridge = begun()
    bridge.client.dataReceived(SMALL)
    bridge.client.pause()
    assert repr(bridge.client) == "<ClientLeg paused count=10>"
    assert repr(bridge.upstream) == "<UpstreamLeg open count=0>"
    assert repr(bridge) == "<Bridge client=<ClientLeg paused count=10> upstream=<UpstreamLeg open count=0>>"


def test_what_cannot_be_inflated_is_1007_whichever_autobahn_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, bridge = begun()

    def fail() -> None:
        raise zlib.error("Error -3")

    monkeypatch.setattr(bridge.upstream, "consumeData", fail)
    bridge.upstream.dataReceived(b"\xc1\x01x")
    assert stage.record.note == "a message cannot be inflated: Error -3"
    assert stage.upstream.sees()[0] == 0x88
