"""What is wrong with a text, without an address, and which known word was meant."""

from __future__ import annotations

import pytest

from webproxy.settings.wrong import TextError, near_miss


def test_carries_what_a_sentence_needs() -> None:
    wrong = TextError("'x' is not a port", "give a number")
    assert (wrong.what, wrong.right) == ("'x' is not a port", "give a number")


@pytest.mark.parametrize(
    ("word", "meant"), [("intrenal", "internal"), ("prot", "port"), ("zebra", None), ("", None), ("port", "port")]
)
def test_near_miss(word: str, meant: str | None) -> None:
    assert near_miss(word, ["internal", "port"]) == meant
