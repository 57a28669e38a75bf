"""One word out of a few."""

from __future__ import annotations

from typing import Literal

import pytest

from webproxy.settings.choices import one_of, switch
from webproxy.settings.wrong import TextError

parse = one_of(Literal["abort", "drain"])


def test_reads_its_words() -> None:
    assert [parse("abort"), parse("drain")] == ["abort", "drain"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("abrot", "did you mean abort? it is abort or drain"),
        ("", "it is abort or drain"),
        ("Abort", "did you mean abort?"),
    ],
)
def test_refuses_others(text: str, right: str) -> None:
    with pytest.raises(TextError) as caught:
        parse(text)
    assert caught.value.what == f"{text!r} is not known"
    assert caught.value.right.startswith(right)


def test_a_switch_is_yes_or_no() -> None:
    assert [switch("yes"), switch("no")] == [True, False]
    with pytest.raises(TextError) as caught:
        switch("on")
    assert (caught.value.what, caught.value.right) == ("'on' is neither yes nor no", "write yes or no")
