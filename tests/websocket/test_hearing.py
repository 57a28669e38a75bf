"""What comes in on a leg and what of it goes out: RFC 6455 §5 and §7."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.websocket.stage import Stage

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge


def begun() -> tuple[Stage, Bridge]:
    stage = Stage()
    bridge = stage.bridge()
    bridge.begin(b"", b"")
    return stage, bridge


@pytest.mark.parametrize("split", [0, 1, 2, 3, 7])
def test_a_frame_goes_on_as_it_is_however_it_comes(split: int) -> None:
    stage, bridge = begun()
    frame = b"\x81\x05hello"
    bridge.upstream.dataReceived(frame[:split])
    bridge.upstream.dataReceived(frame[split:])
    assert stage.client.sees() == frame


def test_the_head_goes_on_before_the_payload_is_here() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x02\x7e\x01\x00" + b"x" * 10)
    assert stage.client.sees() == b"\x02\x7e\x01\x00" + b"x" * 10
    bridge.upstream.dataReceived(b"x" * 246 + b"\x89\x01p\x80\x01y")
    assert stage.client.sees() == b"x" * 246 + b"\x89\x01p\x80\x01y"


def test_rfc6455_8_1_invalid_text_goes_no_further() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x01\x03abc\x80\x02\xc3\x28")
    assert stage.client.sees()[:5] == b"\x01\x03abc"
    assert stage.upstream.sees()[:2] == b"\x88" + bytes((0x80 | len(stage.record.note) + 2,))
    assert stage.record.closed_by == "upstream"


def test_rfc6455_8_1_a_character_may_be_in_two_frames_but_not_in_two_messages() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x01\x02a\xc3\x80\x01\xa4")
    assert stage.client.sees() == b"\x01\x02a\xc3\x80\x01\xa4"
    bridge.upstream.dataReceived(b"\x81\x02a\xc3")
    assert b"a\xc3" not in stage.client.sees()
    assert bridge.upstream.deaf


@pytest.mark.parametrize(
    "payload", [b"", b"\x03\xe8", b"\x03\xe9bye", b"\x0b\xb8", b"\x13\x87", b"\x03\xf6", b"\x03\xe8" + b"x" * 123]
)
def test_rfc6455_7_4_sound_closes_pass_as_they_are(payload: bytes) -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x88" + bytes((len(payload),)) + payload)
    assert stage.client.sees() == b"\x88" + bytes((len(payload),)) + payload


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535])
def test_rfc6455_7_4_codes_that_must_not_be_said_are_1002(code: int) -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x88\x02" + code.to_bytes(2, "big"))
    assert stage.client.sees()[2:4] == b"\x03\xf3"
    assert stage.record.note == f"invalid close code {code}"


def test_rfc6455_7_1_6_a_reason_must_be_text() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x88\x03\x03\xe8\xff")
    assert stage.client.sees()[2:4] == b"\x03\xf3"
    assert stage.record.note == "invalid close reason (not UTF-8)"


def test_rfc6455_5_5_1_nothing_counts_behind_a_close() -> None:
    stage, bridge = begun()
    bridge.upstream.dataReceived(b"\x88\x00\x81\x02hi\x88\x00\xff\xff")
    assert stage.client.sees() == b"\x88\x00"
    bridge.upstream.dataReceived(b"\x81\x02hi")
    assert stage.client.sees() == b""
    assert stage.record.closed_by == ""
