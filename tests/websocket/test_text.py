"""UTF-8 piece by piece, beside Python's decoder of whole texts and autobahn's validator."""

from __future__ import annotations

from random import Random

import pytest
from autobahn.websocket.utf8validator import Utf8Validator

from webproxy.websocket.text import Utf8Check

SOUND = ["", "abc", "κόσμε", "\ud7ff\ue000\ufffd", "😀" * 3, "\U0010ffff"]
UNSOUND = [
    b"\x80",
    b"\xc0\x80",
    b"\xe0\x80\x80",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"a\xffb",
]


@pytest.mark.parametrize("text", SOUND)
def test_a_text_may_be_cut_anywhere(text: str) -> None:
    data = text.encode()
    for cut in range(len(data) + 1):
        check = Utf8Check()
        assert check.validate(data[:cut])[0]
        assert check.validate(data[cut:]) == (True, True, len(data) - cut, len(data))


@pytest.mark.parametrize("data", UNSOUND)
def test_what_is_no_text_is_none_however_it_is_cut(data: bytes) -> None:
    for cut in range(len(data) + 1):
        check = Utf8Check()
        first = check.validate(b"abc" + data[:cut])
        assert not (first[0] and check.validate(data[cut:])[0])


@pytest.mark.parametrize("data", [b"\xf4\x90", b"\xed\xa0", b"\xe0\x80", b"\xf0\x8f", b"\xc1", b"\xf5"])
def test_what_can_no_longer_become_a_text_is_none_at_once(data: bytes) -> None:
    assert not Utf8Check().validate(data)[0]


def test_a_text_that_ends_within_a_character_says_so() -> None:
    check = Utf8Check()
    assert check.validate(b"a\xe2\x82") == (True, False, 3, 3)
    assert check.validate(b"\xac") == (True, True, 1, 4)


def test_the_next_text_begins_anew() -> None:
    check = Utf8Check()
    check.validate(b"a\xe2")
    check.reset()
    assert check.validate(b"abc") == (True, True, 3, 3)


def test_it_says_what_autobahn_says() -> None:
    rng = Random(7)
    for _ in range(3000):
        data = bytearray("".join(rng.choices("aä€😀", k=rng.randint(0, 9))).encode())
        if data and rng.random() < 0.7:
            data[rng.randrange(len(data))] = rng.randrange(256)
        ours, theirs = Utf8Check(), Utf8Validator()
        while data:
            piece, data = bytes(data[: (cut := rng.randint(1, 5))]), data[cut:]
            one, other = ours.validate(piece), theirs.validate(piece)
            assert one[:2] == other[:2]
            if not one[0]:
                break
