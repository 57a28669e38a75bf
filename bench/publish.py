"""What the documentation shows of runs: a page of the reference, pictures, the samples, and a part of an explanation.

Derived from the JSON of the runs alone, which lies beside the page: who has the files can make the pages again, and a
test does. Nothing is rounded or chosen by hand.
"""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from bench import markdown, plot
from bench.bars import DISTURBED, OURS, judge_all
from bench.endurance.curve import Moment
from bench.endurance.hours import curves as endurance_curves
from bench.figures import readable
from bench.growth.grow import curves as growth_curves
from bench.growth.grow import report as growth_report
from bench.growth.sweep import Cost, Point
from bench.peers.table import PEERS
from bench.rows.table import ROWS
from bench.sample import DIRECT, Run, Sample

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCS = Path(__file__).parents[1] / "docs"
FIGURES = "reference/figures"
PAGE = "reference/figures.md"
EXPLANATION = "explanation/performance.md"
BEGIN, END = "<!-- written by python -m bench publish -->", "<!-- until here -->"
TITLES = {name: peer.title for name, peer in PEERS.items()} | {DIRECT: "without a proxy"}
HEADING = """# Figures: what was measured, beside whom, when, and on what

This page is written by `python -m bench publish` from the samples of its runs ([bench](figures/bench.json),
[growth](figures/growth.json), [endurance](figures/endurance.json)), and says what came out, good or bad. How it is
measured: [the bench](../../bench/README.md). Read ratios; absolute figures are the machine's."""
NAMES = ("bench", "growth", "endurance")

COLUMNS = ("webproxy", "nginx", "haproxy", "caddy", "twisted")
SHOWN = (
    ("small_get", "cpu_us", "small GET, a client that repeats its head, µs"),
    ("small_get_varied", "cpu_us", "small GET, 11 fields, no head like another, µs"),
    ("new_connections", "cpu_us", "small GET on a new connection, µs"),
    ("json_64k", "cpu_us", "64 KiB of JSON, µs"),
    ("post_10k", "cpu_us", "POST of 10 KiB, µs"),
    ("sse", "cpu_us", "event of a stream, 1,000 streams, µs"),
    ("tunnel_64", "cpu_us", "WebSocket as bytes, 64 bytes and back, µs"),
    ("tunnel_64k", "cpu_us", "WebSocket as bytes, 64 KiB and back, µs"),
    ("download", "cpu_ms", "1 GiB down, ms"),
    ("upload", "cpu_ms", "1 GiB up, ms"),
    ("chunked_64k", "cpu_ms", "1 GiB down in chunks, ms"),
    ("idle_clients", "kib", "memory of an idle client, KiB"),
)
TOKENS = 10_000
"""Tokens a second that are much for all users of one GPU together."""


class Runs(NamedTuple):
    """What there is; None for what was not run."""

    bench: Run | None
    growth: dict[str, Any] | None
    endurance: dict[str, Any] | None


def load(folder: Path) -> Runs:
    """Read the JSON files of a folder."""
    kept = {
        name: json.loads(file.read_text()) if (file := folder / f"{name}.json").exists() else None for name in NAMES
    }
    bench = kept["bench"] and Run(kept["bench"]["facts"], [Sample(**sample) for sample in kept["bench"]["samples"]])
    return Runs(bench or None, kept["growth"], kept["endurance"])


def _points(growth: Mapping[str, Any]) -> list[Point]:
    return [Point(one["sweep"], one["peer"], one["amount"], Cost(**one["cost"])) for one in growth["points"]]


def page(runs: Runs) -> str:
    """The page of the reference."""
    parts = [HEADING]
    if runs.bench:
        text = markdown.document(runs.bench, ROWS, TITLES, judge_all(runs.bench, ROWS))
        parts += [text.removeprefix("# Bench\n\n").strip()]
        parts += ["## All rows at a glance", "![Each row, one bar for each proxy](../images/bench.svg)"]
    if runs.growth:
        parts += ["## As work grows", growth_report(runs.growth["facts"], _points(runs.growth)).strip()]
        parts += ["![CPU and memory over connections, bodies, streams and names](../images/growth.svg)"]
    if runs.endurance:
        facts = "\n".join(f"* {name}: {fact}" for name, fact in runs.endurance["facts"].items())
        parts += ["## Endurance", facts, runs.endurance["report"].strip()]
        parts += ["![Memory, descriptors and the like over the time](../images/endurance.svg)"]
    return "\n\n".join(parts) + "\n"


def _median(run: Run, row: str, metric: str, peer: str) -> float | None:
    values = run.by_round(row, ROWS[row].metric(metric), peer).values()
    return median(values) if values else None


def _cell(run: Run, row: str, metric: str, peer: str) -> str:
    value = _median(run, row, metric, peer)
    return "-" if value is None else readable(value)


def _capacity(run: Run) -> list[str]:
    """What one core takes, by what one of each costs."""
    lines = []
    for row, words in (("small_get", "that repeat their heads"), ("small_get_varied", "of browsers")):
        if cost := _median(run, row, "cpu_us", OURS):
            lines.append(f"* {readable(1e6 / cost)} small requests {words} a second")
    if cost := _median(run, "sse", "cpu_us", OURS):
        lines.append(
            f"* {readable(1e6 / cost)} events of streams a second; {TOKENS:,} tokens a second, much for all users of a "
            f"GPU together, are {readable(TOKENS * cost / 1e4)} % of the core"
        )
    for row, words in (("download", "down"), ("upload", "up")):
        if cost := _median(run, row, "cpu_ms", OURS):
            lines.append(f"* {readable(1e3 / cost)} GiB a second {words}, {readable(8.59e3 / cost)} Gbit/s")
    if cost := _median(run, "router_gib", "cpu_ms", "router"):
        lines.append(f"* at the router, TLS included, {readable(1e3 / cost)} GiB a second")
    return lines


def summary(run: Run) -> str:
    """The part of the explanation: CPU of each proxy, and what one core takes."""
    rows = [
        [title, *(_cell(run, row, metric, peer) for peer in COLUMNS)]
        for row, metric, title in SHOWN
        if _median(run, row, metric, OURS) is not None
    ]
    facts = f"{run.facts.get('date', '')}, {run.facts.get('processor', '')}, one core for each proxy; medians."
    others = median([sample.others for sample in run.samples] or [0.0])
    if others > DISTURBED:
        facts += f" **Other programs used {others:.0%} of the machine meanwhile, which disturbs these figures.**"
    table = markdown.table(["", *(TITLES[peer] for peer in COLUMNS)], rows)
    return "\n\n".join((facts, table, "By these figures one core of this machine takes", "\n".join(_capacity(run))))


def explained(text: str, run: Run) -> str:
    """The explanation with its part written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{summary(run)}\n\n{END}{after}"


def pictures(runs: Runs) -> dict[str, str]:
    """The pictures, by their paths in the documentation."""
    made = {}
    if runs.bench:
        made["images/bench.svg"] = plot.picture(runs.bench, ROWS, TITLES)
    if runs.growth:
        made["images/growth.svg"] = growth_curves(_points(runs.growth))
    if runs.endurance:
        moments = [Moment(**moment) for moment in runs.endurance["moments"]]
        made["images/endurance.svg"] = endurance_curves(moments)
    return made


def publish(source: Path, docs: Path = DOCS) -> list[Path]:
    """Write all of it; a run that is not in ``source`` is taken from the documentation. The files, in order."""
    figures = docs / FIGURES
    figures.mkdir(parents=True, exist_ok=True)
    for name in NAMES:
        if source != figures and (file := source / f"{name}.json").exists():
            (figures / file.name).write_text(json.dumps(json.loads(file.read_text()), separators=(",", ":")) + "\n")
    runs = load(figures)
    texts = {PAGE: page(runs), **pictures(runs)}
    if runs.bench:
        texts[EXPLANATION] = explained((docs / EXPLANATION).read_text(), runs.bench)
    for name, text in texts.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text)
    return [docs / name for name in texts]
