"""Heads of frames, RFC 6455 §5.2 and its examples in §5.7."""

from __future__ import annotations

import pytest

from webproxy.websocket.frame import farewell, frame_head, reach


@pytest.mark.parametrize(
    ("first", "length", "mask", "head"),
    [
        (0x81, 5, b"", b"\x81\x05"),
        (0x81, 5, b"\x37\xfa\x21\x3d", b"\x81\x85\x37\xfa\x21\x3d"),
        (0x01, 0, b"", b"\x01\x00"),
        (0x82, 125, b"", b"\x82\x7d"),
        (0x82, 126, b"", b"\x82\x7e\x00\x7e"),
        (0x82, 256, b"", b"\x82\x7e\x01\x00"),
        (0x82, 65535, b"mask", b"\x82\xfe\xff\xffmask"),
        (0x82, 65536, b"", b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
        (0x82, 1 << 40, b"mask", b"\x82\xff\x00\x00\x01\x00\x00\x00\x00\x00mask"),
    ],
)
def test_a_head_is_as_short_as_it_can_be(first: int, length: int, mask: bytes, head: bytes) -> None:
    assert frame_head(first, length, mask) == head


@pytest.mark.parametrize(
    ("length", "told"), [(0, 0), (125, 0), (126, 134), (65535, 65543), (65536, 65550), (1 << 40, (1 << 40) + 14)]
)
def test_a_large_frame_tells_how_far_it_reaches(length: int, told: int) -> None:
    data = b"xx" + frame_head(0x82, length, b"mask") + b"payload"
    assert reach(data, 2) == told


@pytest.mark.parametrize("data", [b"", b"\x82"])
def test_what_is_not_here_tells_nothing(data: bytes) -> None:
    assert reach(data, 0) == 0


def test_rfc6455_5_5_1_a_close_carries_its_code_first() -> None:
    assert farewell(1001) == b"\x03\xe9"
    assert farewell(1009, "too big") == b"\x03\xf1too big"


def test_rfc6455_5_5_a_long_reason_is_cut_between_two_characters() -> None:
    told = farewell(1002, "€" * 100)
    assert told == b"\x03\xea" + "€".encode() * 41
    assert len(told) == 125
