"""A run of all sweeps: proxies side by side, amounts growing, medians over rounds; and what is told of it."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from statistics import median
from typing import TYPE_CHECKING

from bench import machine
from bench.growth.sweep import Cost, Point, told
from bench.growth.sweeps import SWEEPS
from bench.lines import Axis, Panel, picture
from bench.peers.table import PEERS
from bench.rows.row import Scene
from bench.stage import FAILURES, stage

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from bench.growth.sweep import Sweep
    from bench.stage import Stage


def measured(here: Stage, sweep: Sweep, name: str, amount: int) -> Point | None:
    """One point; None, and a line that says why, when it could not be measured."""
    service = here.services[sweep.upstream]
    try:
        with here.proxy(sweep.peer(name, amount), service.port) as proxy:
            cost = sweep.measure(Scene(proxy.port, proxy, here.seconds, here.load_cpus), amount)
            proxy.alive()
    except FAILURES as failure:
        print(f"bench: {sweep.name} {name} {amount:,}: {failure or failure!r}", file=sys.stderr)
        return None
    print(f"{sweep.name} {name} {amount:,}: {cost.cpu:.4g} {cost.memory_mib:.4g} MiB", file=sys.stderr, flush=True)
    return Point(sweep.name, name, amount, cost)


def medians(points: Sequence[Point]) -> list[Point]:
    """One point for each sweep, proxy and amount."""
    found: dict[tuple[str, str, int], list[Cost]] = {}
    for sweep, peer, amount, cost in points:
        found.setdefault((sweep, peer, amount), []).append(cost)
    return [
        Point(*key, Cost(median(cost.cpu for cost in costs), median(cost.memory_mib for cost in costs)))
        for key, costs in found.items()
    ]


def curves(points: Sequence[Point]) -> str:
    """Two panels a sweep, CPU and memory, as SVG."""
    panels = []
    for sweep in SWEEPS:
        for axis, field in ((sweep.cpu, "cpu"), ("memory, MiB more than idle", "memory_mib")):
            lines = {
                PEERS[peer].title: [
                    (point.amount, max(0.001, getattr(point.cost, field)))
                    for point in points
                    if (point.sweep, point.peer) == (sweep.name, peer)
                ]
                for peer in sweep.peers
            }
            panels.append(Panel(sweep.title, Axis(sweep.across, powers=True), Axis(axis, powers=True), lines))
    return picture(panels)


def report(facts: dict[str, str], points: Sequence[Point]) -> str:
    """What is told of a run, as Markdown."""
    lines = [*(f"* {name}: {fact}" for name, fact in facts.items()), ""]
    for sweep in SWEEPS:
        lines += [f"**{sweep.title}**", "", *(f"* {told(sweep, points, peer)}" for peer in sweep.peers), ""]
    return "\n".join(lines)


def grow(out: Path, rounds: int, seconds: float) -> int:
    """Measure, and write ``growth.md``, ``growth.json`` and ``growth.svg``; 1 if a curve of ours is not straight."""
    peers = [PEERS[name] for name in dict.fromkeys(name for sweep in SWEEPS for name in sweep.peers)]
    facts = machine.facts(peers)
    points: list[Point] = []
    with suppress(KeyboardInterrupt), stage(seconds) as here:
        for _ in range(rounds):
            for sweep in SWEEPS:
                for amount in sweep.amounts:
                    there = [name for name in sweep.peers if facts[PEERS[name].title]]
                    points += filter(None, (measured(here, sweep, name, amount) for name in there))
    points = medians(points)
    text = report(facts, points)
    out.mkdir(parents=True, exist_ok=True)
    kept = {"facts": facts, "points": [{**point._asdict(), "cost": point.cost._asdict()} for point in points]}
    (out / "growth.json").write_text(json.dumps(kept, indent=1) + "\n")
    (out / "growth.svg").write_text(curves(points))
    (out / "growth.md").write_text(text)
    print(text)
    ours = [told(sweep, points, name) for sweep in SWEEPS for name in ("webproxy", "router") if name in sweep.peers]
    return int(any("RISES" in line for line in ours))
