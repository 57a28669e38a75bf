"""Latency at a fixed rate, far from the proxy's limits: what it adds to the way without it."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import uvloop

from bench.child import DisturbedError
from bench.figures import percentile
from bench.load.fixed_rate import ask_at
from bench.rows.row import Metric, Row

if TYPE_CHECKING:
    from bench.load.fixed_rate import Questions
    from bench.rows.row import Scene, Values

RATE = 2000
WARM_UP = 0.5
LATE_MS = 3.0  # a generator later than this, p99, was itself waiting for the machine
METRICS = (
    Metric("added_p50_ms", "added p50, ms", above_direct="p50_ms", compared=False),
    Metric("added_p99_ms", "added p99, ms", above_direct="p99_ms"),
    Metric("p50_ms", "p50, ms"),
    Metric("p99_ms", "p99, ms"),
    Metric("answered", "answered / due"),
    Metric("late_p99_ms", "asked late p99, ms"),
)


async def _ask(port: int, seconds: float) -> Questions:
    await ask_at(port, RATE, WARM_UP)
    return await ask_at(port, RATE, seconds)


def measure(scene: Scene) -> Values:
    gc.collect()
    gc.disable()
    try:
        questions = uvloop.run(_ask(scene.port, scene.seconds))
    finally:
        gc.enable()
    late = percentile(questions.lates, 0.99) / 1e6
    if late > LATE_MS:
        raise DisturbedError(f"the generator was {late:.0f} ms late with its requests")
    return {
        "p50_ms": percentile(questions.took, 0.5) / 1e6,
        "p99_ms": percentile(questions.took, 0.99) / 1e6,
        "answered": len(questions.took) / len(questions.lates),
        "late_p99_ms": late,
    }


LATENCY = Row("latency", f"Small GET, {RATE:,} a second", METRICS, measure, direct=True)
