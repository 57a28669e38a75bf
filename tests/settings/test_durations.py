"""Durations are numbers with a unit; everything else is told what is missing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.settings.durations import LONGEST, UNITS, duration, limit
from webproxy.settings.wrong import TextError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("500ms", 0.5), ("60s", 60), ("10m", 600), ("1h", 3600), ("1.5s", 1.5), ("0", 0), ("0s", 0), ("168h", LONGEST)],
)
def test_reads_seconds(text: str, seconds: float) -> None:
    assert duration(text) == limit(text) == seconds


def test_none_is_no_limit() -> None:
    assert limit("none") == math.inf


@pytest.mark.parametrize(
    "text", ["", "soon", "60 s", "-1s", "+1s", "1e3s", "nan", "inf", "s", "1d", "٣s", "60s ", "1.s"]
)
def test_refuses_what_is_no_duration(text: str) -> None:
    with pytest.raises(TextError) as caught:
        duration(text)
    assert caught.value.what == f"{text!r} is not a duration"
    assert "60s" in caught.value.right


def test_a_bare_number_asks_for_its_unit() -> None:
    with pytest.raises(TextError) as caught:
        duration("30")
    assert (caught.value.what, caught.value.right) == ("'30' has no unit", "30s are seconds, 30ms milliseconds")


def test_longer_than_a_week_is_a_slip() -> None:
    with pytest.raises(TextError, match="longer than a week"):
        duration("169h")


def test_none_is_offered_only_where_it_may_stand() -> None:
    with pytest.raises(TextError) as caught:
        limit("never")
    assert caught.value.right.endswith("or none for no limit")
    with pytest.raises(TextError) as caught:
        duration("none")
    assert "none" not in caught.value.right


@given(st.integers(0, 600_000_000), st.sampled_from(sorted(UNITS)))
def test_never_longer_than_the_longest(number: int, unit: str) -> None:
    try:
        seconds = duration(f"{number}{unit}")
    except TextError:
        assert number * UNITS[unit] > LONGEST
    else:
        assert seconds == pytest.approx(number * UNITS[unit])
        assert seconds <= LONGEST
