"""Arithmetic on measurements: medians, ranges, percentiles, and ratios of rounds that were measured side by side."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ByRound = dict[int, float]


class Spread(NamedTuple):
    """The median of some values, the least and the greatest."""

    median: float
    low: float
    high: float


def spread(values: Iterable[float]) -> Spread | None:
    """Their spread; None of none."""
    known = list(values)
    return Spread(statistics.median(known), min(known), max(known)) if known else None


def percentile(values: Sequence[float], share: float) -> float:
    """The least value that ``share`` (0 to 1) of all values do not exceed (nearest rank); NaN of none."""
    if not values:
        return math.nan
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def ratios(ours: Mapping[int, float], theirs: Mapping[int, float]) -> ByRound:
    """Ours / theirs, round by round, where both have a value: what disturbs a round disturbs both sides of it."""
    return {turn: ours[turn] / theirs[turn] for turn in ours if theirs.get(turn)}


def differences(ours: Mapping[int, float], theirs: Mapping[int, float]) -> ByRound:
    """Ours - theirs, round by round, where both have a value."""
    return {turn: ours[turn] - theirs[turn] for turn in ours if turn in theirs}


def readable(value: float) -> str:
    """Three significant digits, thousands with commas: 0.123, 1.23, 12.3, 123, 12,300."""
    if value == 0 or not math.isfinite(value):
        return f"{value:.0f}"
    digits = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def readable_spread(known: Spread | None) -> str:
    """Median (least-greatest); "-" of none."""
    if known is None:
        return "-"
    return f"{readable(known.median)} ({readable(known.low)} to {readable(known.high)})"
