"""Event streams, as many chats at once: CPU per event, and how late events arrive."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import uvloop

from bench.child import DisturbedError, MeasurementError
from bench.figures import percentile
from bench.load.event_streams import Tally, open_streams
from bench.rows.row import Metric, Row
from bench.upstream.events import EVENTS, LINES, RATE

if TYPE_CHECKING:
    from bench.rows.row import Scene, Values
    from bench.upstream.events import Kind

SETTLE = 0.5
LATE_MS = 3.0  # from events sent later than this, p95, nothing can be learned: they travel in lumps
METRICS = (
    Metric("cpu_us", "CPU, µs per event"),
    Metric("added_p50_ms", "added lag p50, ms", above_direct="lag_p50_ms"),
    Metric("added_p95_ms", "added lag p95, ms", above_direct="lag_p95_ms"),
    Metric("lag_p95_ms", "lag p95, ms"),
    Metric("delivered", "delivered / due"),
    Metric("late_p95_ms", "sent late p95, ms"),
)


async def _measure(scene: Scene, count: int, kind: Kind) -> Values:
    loop = asyncio.get_running_loop()
    tally = Tally()
    streams = await open_streams(scene.port, count, tally, kind)
    await asyncio.sleep(SETTLE)
    tally.clear()
    spent, began = scene.cpu_seconds(), loop.time()
    await asyncio.sleep(scene.seconds)
    spent, elapsed, events = scene.cpu_seconds() - spent, loop.time() - began, len(tally.lags)
    lost = sum(stream.lost for stream in streams)
    values = {
        "lag_p50_ms": percentile(tally.lags, 0.5) / 1e6,
        "lag_p95_ms": percentile(tally.lags, 0.95) / 1e6,
        "delivered": events / (count * RATE * elapsed),
        "late_p95_ms": percentile(tally.lates, 0.95) / 1e6,
    }
    if scene.proxy:
        values["cpu_us"] = spent / max(events, 1) * 1e6
    for stream in streams:
        stream.close()
    if lost:
        raise MeasurementError(f"{lost} of {count} streams ended early")
    if values["late_p95_ms"] > LATE_MS:
        raise DisturbedError(f"the service was {values['late_p95_ms']:.0f} ms late with its events")
    return values


def measure(scene: Scene, count: int, kind: Kind = EVENTS) -> Values:
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_measure(scene, count, kind))
    finally:
        gc.enable()


SSE = Row("sse", f"1,000 event streams, {RATE} events/s each", METRICS, lambda scene: measure(scene, 1000), direct=True)
SSE_100 = Row("sse_100", f"100 event streams, {RATE} events/s each", METRICS, lambda s: measure(s, 100), direct=True)
NDJSON = Row(
    "ndjson",
    f"1,000 streams of NDJSON, {RATE} lines/s each",
    METRICS,
    lambda scene: measure(scene, 1000, LINES),
    direct=True,
)
