"""Medians, percentiles and ratios of rounds."""

from __future__ import annotations

import math

import pytest

from bench.figures import Spread, differences, percentile, ratios, readable, readable_spread, spread


def test_a_spread_is_median_least_and_greatest() -> None:
    assert spread([3.0, 1.0, 10.0]) == Spread(3.0, 1.0, 10.0)
    assert spread([1.0, 2.0]) == Spread(1.5, 1.0, 2.0)
    assert spread([]) is None


@pytest.mark.parametrize(("share", "value"), [(0.0, 1), (0.5, 50), (0.95, 95), (0.99, 99), (1.0, 100)])
def test_a_percentile_is_one_of_the_values(share: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), share) == value


def test_a_percentile_of_nothing_is_no_number() -> None:
    assert math.isnan(percentile([], 0.5))


def test_ratios_pair_what_was_measured_in_the_same_round() -> None:
    assert ratios({0: 20.0, 1: 30.0, 2: 5.0}, {0: 10.0, 1: 20.0, 3: 1.0}) == {0: 2.0, 1: 1.5}


def test_there_is_no_ratio_to_nothing() -> None:
    assert ratios({0: 20.0}, {0: 0.0}) == {}


def test_differences_pair_what_was_measured_in_the_same_round() -> None:
    assert differences({0: 3.0, 1: 2.0}, {0: 1.0, 2: 9.0}) == {0: 2.0}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.012345, "0.0123"),
        (1.5, "1.50"),
        (22.26, "22.3"),
        (123.4, "123"),
        (51234.0, "51,200"),
        (-0.5, "-0.500"),
        (math.nan, "nan"),
    ],
)
def test_figures_are_read_with_three_digits(value: float, text: str) -> None:
    assert readable(value) == text


def test_a_spread_is_read_with_its_range() -> None:
    assert readable_spread(Spread(20.0, 19.0, 30.5)) == "20.0 (19.0 to 30.5)"
    assert readable_spread(None) == "-"
