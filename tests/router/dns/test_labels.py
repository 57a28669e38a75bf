"""Names in messages: labels, bounds, and nothing that could lead elsewhere."""

from __future__ import annotations

import pytest

from tests.questions import written
from webproxy.router.dns.labels import MalformedError, dotted, length, of_text, read, skip


def test_a_written_name_has_labels_in_lower_case() -> None:
    assert of_text("WWW.Example.com.") == (b"www", b"example", b"com")
    assert dotted(of_text("a.b")) == b"a.b"
    assert length(of_text("a.bc")) == len(written("a.bc"))


@pytest.mark.parametrize("text", ["", "a..b", "." * 3, "a" * 64, ".".join(["a" * 63] * 4), "müll.example"])
def test_what_is_no_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a name|ascii"):
        of_text(text)


def test_rfc_4343_3_names_are_compared_without_case() -> None:
    assert read(b"xx" + written("wWw.EXAMPLE.com") + b"rest", 2) == ((b"www", b"example", b"com"), 19)
    assert read(b"\0", 0) == ((), 1)


def test_a_label_may_hold_any_byte() -> None:
    assert read(b"\3a.b\2\xc0\x00\0", 0) == ((b"a.b", b"\xc0\x00"), 8)


def test_rfc_1035_3_1_a_name_has_255_bytes() -> None:
    longest = written(".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]))
    assert len(longest) == 255
    assert read(longest, 0)[1] == 255
    with pytest.raises(MalformedError, match="in time"):
        read(written(".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 62])), 0)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (b"", "ends within"),
        (b"\3abc", "ends within"),
        (b"\3ab", "in time"),
        (b"\xc0\x0c", "pointer"),
        (b"\x40abc\0", "kind of label"),
        (b"\x80abc\0", "kind of label"),
    ],
)
def test_what_is_no_name_of_a_question(message: bytes, why: str) -> None:
    with pytest.raises(MalformedError, match=why):
        read(message, 0)


def test_a_name_that_nobody_wants_is_skipped() -> None:
    assert skip(b"\3abc\0x", 0) == 5
    assert skip(b"\3abc\xc0\x00x", 0) == 6
    for message in (b"", b"\3abc", b"\xc0", b"\x40a\0"):
        with pytest.raises(MalformedError):
            skip(message, 0)
