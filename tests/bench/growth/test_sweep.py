"""Straight or not: by what the greatest amount costs beside what smaller ones promise."""

from __future__ import annotations

from typing import Any

import pytest

from bench.growth.sweep import Cost, Point, Sweep, straight, told

AMOUNTS = (10, 100, 1000, 10_000)
UNUSED: Any = None


@pytest.mark.parametrize(
    ("costs", "flat", "verdict"),
    [
        ((25.0, 25.0, 26.0, 30.0), True, True),
        ((25.0, 25.0, 26.0, 80.0), True, False),
        ((0.1, 1.0, 10.0, 100.0), False, True),
        ((5.0, 5.5, 10.0, 60.0), False, True),  # something fixed, and then a line: better than one
        ((0.1, 1.0, 10.0, 1000.0), False, False),
        ((0.0, 0.0, 0.0, 0.05), False, True),  # of nothing the tenfold is nothing
    ],
)
def test_a_curve_is_judged_by_its_end(costs: tuple[float, ...], flat: bool, verdict: bool) -> None:
    assert straight(AMOUNTS, costs, flat=flat, floor=0.01) is verdict


def test_one_point_promises_nothing() -> None:
    assert straight((10,), (5.0,), flat=True, floor=0.0)


def test_a_sentence_says_from_where_to_where_and_how() -> None:
    sweep = Sweep("streams", "Streams", "streams", "percent", False, AMOUNTS, UNUSED, ("webproxy",), UNUSED)
    points = [Point("streams", "webproxy", amount, Cost(amount / 100, 1.0)) for amount in AMOUNTS]
    points[-1] = Point("streams", "webproxy", 10_000, Cost(100.0, 400.0))
    assert told(sweep, points, "webproxy") == (
        "webproxy: percent 0.100 at 10, 100 at 10,000 (straight or better); "
        "memory 1.00 and 400 MiB (RISES FASTER THAN THE WORK)"
    )
    assert told(sweep, points, "nginx") == "nginx: not measured"
