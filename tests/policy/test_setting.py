"""Settings say what is wrong with a text, and what would be right; durations never go without their unit."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.policy.setting import (
    LONGEST,
    UNITS,
    Setting,
    TextError,
    duration,
    idle_limit,
    limit,
    listed,
    one_of,
    whole_number,
    written,
)


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


def test_an_idle_limit_is_above_0() -> None:
    assert idle_limit("500ms") == 0.5
    assert idle_limit("none") == math.inf
    with pytest.raises(TextError, match="0 would end every exchange at once"):
        idle_limit("0")


@pytest.mark.parametrize("text", ["", "-1", "1.0", "0x1", "99999999999", "\u0663"])
def test_whole_numbers_are_digits(text: str) -> None:
    with pytest.raises(TextError) as caught:
        whole_number(1, 5)(text)
    assert str(caught.value) == f"{text!r} is not a whole number; give a whole number from 1 to 5"


def test_whole_numbers_have_a_range() -> None:
    assert [whole_number(1, 5)(text) for text in ("1", "05", "5")] == [1, 5, 5]
    for text in ("0", "6"):
        with pytest.raises(TextError, match=f"{text} is out of range"):
            whole_number(1, 5)(text)


def test_one_of_a_few_words() -> None:
    assert one_of("user", "address")("user") == "user"
    with pytest.raises(TextError, match="'name' is not known; it is user or address"):
        one_of("user", "address")("name")


def test_lists_are_separated_by_commas() -> None:
    assert listed("/a, /b,,") == ("/a", "/b")
    assert listed("") == ()


@pytest.mark.parametrize("text", ["500ms", "0s", "1s", "60s", "90s", "10m", "90m", "24h", "none"])
def test_durations_are_written_as_they_are_read(text: str) -> None:
    assert limit(written(limit(text))) == limit(text)


@pytest.mark.parametrize(
    ("seconds", "text"), [(60, "60s"), (600, "10m"), (1800, "30m"), (math.inf, "none"), (0.5, "0.5s")]
)
def test_durations_are_written_briefly(seconds: float, text: str) -> None:
    assert written(seconds) == text


def test_a_setting_names_its_argument() -> None:
    assert Setting("retry-after", duration, "1s", "How long.").keyword == "retry_after"


@pytest.mark.parametrize("name", ["", "Slots", "retry_after", "1st", "a-", "a b", "a=b"])
def test_a_setting_has_a_key_for_its_name(name: str) -> None:
    with pytest.raises(ValueError, match="no name for a setting"):
        Setting(name, duration, None, "")


def test_what_is_right_need_not_be_said() -> None:
    assert str(TextError("this is wrong")) == "this is wrong"
