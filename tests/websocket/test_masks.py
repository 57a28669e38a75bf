"""A client's masks stay as they are: RFC 6455 §5.3. What has to be seen is unmasked all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.websocket.stage import Stage
from webproxy.websocket.compression import accept, first_usable
from webproxy.websocket.frame import frame_head, unmasked

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge

MASK = b"\x37\xfa\x21\x3d"
SIZES = [0, 1, 5, 125, 126, 1024, 1025, 65_535, 65_536, 200_000]


def begun() -> tuple[Stage, Bridge]:
    stage = Stage()
    bridge = stage.bridge()
    bridge.begin(b"", b"")
    return stage, bridge


def frame(first: int, payload: bytes) -> bytes:
    return frame_head(first, len(payload), MASK) + unmasked(payload, MASK)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("first", [0x81, 0x82], ids=["text", "binary"])
@pytest.mark.parametrize("cut", [0, 1, 7, 1000])
def test_a_frame_arrives_byte_by_byte_as_it_was_sent(size: int, first: int, cut: int) -> None:
    stage, bridge = begun()
    data = frame(first, b"x" * size)
    bridge.client.dataReceived(data[:cut])
    bridge.client.dataReceived(data[cut:])
    assert stage.upstream.sees() == data


@pytest.mark.parametrize("cut", [0, 6, 8, 9])
def test_text_is_checked_under_its_mask(cut: int) -> None:
    stage, bridge = begun()
    data = frame(0x81, b"ab\xc3\x28cd" + b"x" * 2000)
    bridge.client.dataReceived(data[:cut])
    bridge.client.dataReceived(data[cut:])
    assert b"\x03\xef" in stage.client.sees()
    assert stage.record.note == "invalid UTF-8 at byte 2 of a text"


def test_a_text_that_ends_within_a_character_goes_no_further() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(frame(0x81, b"ab\xc3"))
    assert stage.upstream.sees()[:1] == b"\x88"
    assert stage.record.note == "a text ends within a character"


def test_a_character_may_be_in_two_frames() -> None:
    stage, bridge = begun()
    data = frame(0x01, b"ab\xc3") + frame(0x80, b"\xa4")
    bridge.client.dataReceived(data)
    assert stage.upstream.sees() == data


def test_bytes_need_not_be_text() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(frame(0x82, b"\xff\xfe"))
    assert stage.upstream.sees() == frame(0x82, b"\xff\xfe")


def test_what_a_ping_and_a_close_say_is_seen() -> None:
    stage, bridge = begun()
    bridge.client.dataReceived(frame(0x89, b"still there?"))
    ping = stage.upstream.sees()
    assert unmasked(ping[6:], ping[2:6]) == b"still there?"
    bridge.client.dataReceived(frame(0x88, b"\x0f\xa1enough"))
    close = stage.upstream.sees()
    assert unmasked(close[6:], close[2:6]) == b"\x0f\xa1enough"


def test_where_a_leg_deflates_frames_are_masked_anew() -> None:
    stage = Stage()
    bridge = stage.bridge(deflates=(accept(first_usable([("permessage-deflate", {})]))[1], None))
    bridge.begin(b"", b"")
    bridge.client.dataReceived(frame(0x81, b"hello"))
    passed = stage.upstream.sees()
    assert passed[2:6] != MASK
    assert unmasked(passed[6:], passed[2:6]) == b"hello"


def test_taking_a_mask_off_is_putting_it_on() -> None:
    for size in (0, 1, 4, 7, 1000):
        payload = bytes(at % 251 for at in range(size))
        assert unmasked(unmasked(payload, MASK), MASK) == payload
    assert unmasked(b"\x7f\x9f\x4d\x51\x58", MASK) == b"Hello"  # §5.7
