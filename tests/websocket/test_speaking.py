"""What goes out on a leg."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from tests.websocket.stage import Stage
from webproxy.websocket.compression import accept, first_usable

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge


def begun() -> tuple[Stage, Bridge]:
    stage = Stage()
    bridge = stage.bridge()
    bridge.begin(b"", b"")
    return stage, bridge


def unmasked(frame: bytes) -> bytes:
    mask = frame[2:6]
    return bytes(byte ^ mask[at % 4] for at, byte in enumerate(frame[6:]))


def test_rfc6455_5_1_towards_a_client_nothing_is_masked_towards_a_service_all() -> None:
    stage, bridge = begun()
    bridge.client.say_frame(0x81, b"hello")
    bridge.upstream.say_frame(0x81, b"hello")
    assert stage.client.sees() == b"\x81\x05hello"
    frame = stage.upstream.sees()
    assert frame[:2] == b"\x81\x85"
    assert unmasked(frame) == b"hello"


def test_rfc6455_5_3_each_frame_has_a_mask_of_its_own() -> None:
    stage, bridge = begun()
    masks = set()
    for _ in range(50):
        bridge.upstream.say_frame(0x81, b"")
        masks.add(stage.upstream.sees()[2:])
    assert len(masks) == 50


def test_a_frame_that_was_begun_is_masked_as_one() -> None:
    stage, bridge = begun()
    bridge.upstream.begin_frame(0x82, 11)
    for piece in (b"hello", b" ", b"world"):
        bridge.upstream.say(piece)
    frame = stage.upstream.sees()
    assert frame[:2] == b"\x82\x8b"
    assert unmasked(frame) == b"hello world"


def test_a_close_waits_for_the_frame_that_was_begun() -> None:
    stage, bridge = begun()
    bridge.client.begin_frame(0x82, 4)
    bridge.client.say_close(b"\x03\xe8")
    bridge.client.say(b"ab")
    assert stage.client.sees() == b"\x82\x04ab"
    bridge.client.say(b"cd")
    assert stage.client.sees() == b"cd\x88\x02\x03\xe8"
    bridge.client.say_frame(0x81, b"too late")
    bridge.client.begin_frame(0x81, 3)
    bridge.client.say(b"too")
    bridge.client.say_close(b"")
    assert stage.client.sees() == b""


def test_pieces_become_frames_of_one_message() -> None:
    stage, bridge = begun()
    bridge.client.begin_message(2)
    bridge.client.say_piece(b"ab", last=False)
    bridge.client.say_piece(b"", last=False)
    bridge.client.say_piece(b"c", last=True)
    assert stage.client.sees() == b"\x02\x02ab\x80\x01c"


def test_rfc7692_7_2_1_a_deflated_message_says_so_in_its_first_frame_only() -> None:
    stage = Stage()
    deflates = (accept(first_usable([("permessage-deflate", {})]))[1], None)
    bridge = stage.bridge(deflates=deflates)
    bridge.begin(b"", b"")
    bridge.client.begin_message(1)
    bridge.client.say_piece(b"hello" * 40_000, last=False)
    bridge.client.say_piece(b"end", last=True)
    said = stage.client.sees()
    assert said[0] in {0xC1, 0x41}
    payload = b""
    while said:
        assert not payload or not said[0] & 0x40
        size, at = (said[1], 2) if said[1] < 126 else (int.from_bytes(said[2:4], "big"), 4)
        payload += said[at : at + size]
        said = said[at + size :]
    assert zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff") == b"hello" * 40_000 + b"end"
