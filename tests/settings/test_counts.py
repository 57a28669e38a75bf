"""How many of something there may be."""

from __future__ import annotations

import math

import pytest

from webproxy.settings.counts import count_limit
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(("text", "read"), [("1", 1), ("1000", 1000), ("none", math.inf)])
def test_a_number_or_no_limit(text: str, read: float) -> None:
    assert count_limit(text) == read


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("0", "0 would turn everybody away"),
        ("-1", "'-1' is not a whole number"),
        ("2.5", "'2.5' is not a whole number"),
        ("1k", "'1k' is not a whole number"),
        ("9999999999", "9999999999 is out of range"),
    ],
)
def test_what_is_none(text: str, what: str) -> None:
    with pytest.raises(TextError) as caught:
        count_limit(text)
    assert (caught.value.what, caught.value.right) == (what, "give a number of at least 1, or none for no limit")
