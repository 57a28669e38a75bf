"""Latency at a fixed rate: what a proxy adds to the way without it, at half of what nginx can do at most."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from bench.child import DisturbedError
from bench.figures import percentile
from bench.load.fixed_rate import ask_at
from bench.rows.row import Metric, Row

if TYPE_CHECKING:
    from bench.rows.row import Scene, Values

WARM_UP = 0.5
LEAST = 6.0  # seconds: a hundredth of what is asked in two of them is too little to be the same twice
LATE_MS = 3.0  # a generator later than this, p99, was itself waiting for the machine
METRICS = (
    Metric("added_p50_ms", "added p50, ms", above_direct="p50_ms", compared=False),
    Metric("added_p99_ms", "added p99, ms", above_direct="p99_ms"),
    Metric("added_p999_ms", "added p99.9, ms", above_direct="p999_ms"),
    Metric("p50_ms", "p50, ms"),
    Metric("p99_ms", "p99, ms"),
    Metric("p999_ms", "p99.9, ms"),
    Metric("rate", "asked, requests/s", compared=False),
    Metric("answered", "answered / asked"),
    Metric("late_p99_ms", "asked late p99, ms"),
)


def measure(scene: Scene) -> Values:
    gc.collect()
    gc.disable()
    try:
        ask_at(scene.port, scene.rate, WARM_UP)
        seconds = max(scene.seconds, LEAST)
        questions = ask_at(scene.port, scene.rate, seconds)
    finally:
        gc.enable()
    late = percentile(questions.lates, 0.99) / 1e6
    if late > LATE_MS:
        raise DisturbedError(f"the generator was {late:.0f} ms late with its requests")
    return {
        "p50_ms": percentile(questions.took, 0.5) / 1e6,
        "p99_ms": percentile(questions.took, 0.99) / 1e6,
        "p999_ms": percentile(questions.took, 0.999) / 1e6,
        "rate": len(questions.lates) / seconds,
        "answered": len(questions.took) / len(questions.lates),
        "late_p99_ms": late,
    }


LATENCY = Row(
    "latency", "Small GET at a fixed rate, half of what nginx can do", METRICS, measure, direct=True, paced=True
)
