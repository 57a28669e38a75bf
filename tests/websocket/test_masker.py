"""Masks, whole and piece by piece, beside the example of RFC 6455 §5.7."""

from __future__ import annotations

from random import Random

import pytest

from webproxy.websocket import masker as module
from webproxy.websocket.frame import unmasked
from webproxy.websocket.masker import Masker, masked, masker

MASK = b"\x37\xfa\x21\x3d"


def test_rfc6455_5_7_the_example() -> None:
    assert masked(MASK, b"Hello") == b"\x7f\x9f\x4d\x51\x58"
    assert Masker(MASK).process(b"Hello") == b"\x7f\x9f\x4d\x51\x58"


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("size", [0, 1, 1024, 1025, 4096, 4097, 70_001])
def test_whatever_masks_masks_alike(monkeypatch: pytest.MonkeyPatch, compiled: bool, size: int) -> None:
    monkeypatch.setattr(module, "COMPILED", compiled)
    payload = Random(size).randbytes(size)
    assert masked(MASK, payload) == unmasked(payload, MASK)


@pytest.mark.parametrize("compiled", [True, False])
def test_pieces_make_the_whole(monkeypatch: pytest.MonkeyPatch, compiled: bool) -> None:
    monkeypatch.setattr(module, "COMPILED", compiled)
    rng = Random(3)
    for _ in range(100):
        payload = rng.randbytes(rng.randint(1, 20_000))
        process, done, rest = masker(MASK, len(payload)).process, b"", payload
        while rest:
            size = rng.choice((1, 2, 3, 4, 5, 4095, 9000))
            done += process(rest[:size])
            rest = rest[size:]
        assert done == unmasked(payload, MASK)
