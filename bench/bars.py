"""The bars: what the figures have to reach, each in one line, and the verdict on each.

A bar is a limit for one metric of webproxy in one row: as a ratio to a peer's value in the same run, or absolute.
"""

from __future__ import annotations

from enum import Enum
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench.figures import Spread, ratios, readable, readable_spread, spread
from bench.sample import DIRECT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from bench.rows.row import Row
    from bench.sample import Run

OURS = "webproxy"
DISTURBED = 0.1
"""Share of the machine that others may use, median over the samples; beyond, a verdict is marked."""


class Bar(NamedTuple):
    """At most ``limit`` times the peer's value; without a peer, at most ``limit`` in the metric's own unit.

    ``least``: at least. ``ours``: which of our own is measured.
    """

    row: str
    metric: str
    peer: str
    limit: float
    least: bool = False
    ours: str = OURS

    def holds(self, value: float, slack: float) -> bool:
        """Whether a value reaches it; ``slack``, 1 or more, makes it easier."""
        return value >= self.limit / slack if self.least else value <= self.limit * slack


BARS = (
    Bar("small_get", "cpu_us", "nginx", 1.25),
    Bar("small_get", "cpu_us", "caddy", 0.3),
    Bar("small_get_varied", "cpu_us", "nginx", 1.35),
    Bar("small_get_varied", "cpu_us", "caddy", 0.3),
    Bar("auth", "per_second", "nginx", 500.0, least=True),
    Bar("latency", "added_p99_ms", "nginx", 2.0),
    Bar("sse", "cpu_us", "nginx", 1.2),
    Bar("sse_100", "added_p95_ms", "", 2.0),
    Bar("download", "cpu_ms", "haproxy", 0.4),
    Bar("download", "cpu_ms", "caddy", 0.4),
    Bar("download", "cpu_ms", "nginx", 0.2),
    Bar("upload", "cpu_ms", "haproxy", 0.5),
    Bar("upload", "cpu_ms", "nginx", 0.25),
    Bar("chunked_64k", "cpu_ms", "haproxy", 0.9),
    Bar("chunked_64k", "cpu_ms", "nginx", 0.4),
    Bar("chunked_8k", "cpu_ms", "haproxy", 0.9),
    Bar("chunked_8k", "cpu_ms", "nginx", 0.4),
    Bar("busy", "p99_ms", "", 20.0),
    Bar("download", "growth_mib", "", 16.0),
    Bar("download_slow", "growth_mib", "", 16.0),
    Bar("upload", "growth_mib", "", 16.0),
    Bar("upload_slow", "growth_mib", "", 16.0),
    Bar("idle_clients", "kib", "", 8.0),
    Bar("policies", "one_us", "", 1.5),
    Bar("policies", "five_us", "", 4.0),
    Bar("auth_cost", "same_us", "", 2.0),
    Bar("auth_cost", "varied_us", "", 2.0),
    Bar("tunnel_64", "cpu_us", "nginx", 1.25),
    Bar("tunnel_4k", "cpu_us", "nginx", 0.8),
    Bar("tunnel_64k", "cpu_us", "nginx", 0.25),
    *(Bar(f"frames_{size}", "cpu_us", "message_bridge", 0.9, ours="webproxy_frames") for size in ("64", "4k", "64k")),
    *(
        Bar(f"router_{row}", metric, peer, limit, ours="router")
        for row, metric, limit in (("get", "cpu_us", 1.3), ("gib", "cpu_ms", 0.75), ("handshake", "cpu_us", 1.7))
        for peer in ("haproxy_tls", "nginx_stream")  # so the better of them counts
    ),
    Bar("router_idle", "kib", "", 64.0, ours="router"),
    Bar("observe", "watch_us", "", 2.5),
    Bar("observe", "live_percent", "", 2.0),
)


class Verdict(Enum):
    REACHED = "reached"
    MISSED = "not reached"
    UNKNOWN = "not measured"


class Judgement(NamedTuple):
    """A bar, what was measured against it (None: nothing), the verdict, and what it is worth.

    :ivar others: share of the machine that other programs used meanwhile, median over the samples.
    """

    bar: Bar
    measured: Spread | None
    verdict: Verdict
    others: float = 0.0

    @property
    def words(self) -> str:
        """The verdict, with a mark where the machine was not quiet."""
        mark = f" (disturbed: others used {self.others:.0%} of the machine)" if self.others > DISTURBED else ""
        return self.verdict.value + mark

    def __str__(self) -> str:
        unit = "at least" if self.bar.least else "at most"
        if self.bar.peer:
            unit = f"{unit} x {self.bar.peer}" if self.bar.least else f"x {self.bar.peer}"
        return (
            f"{self.words}: {self.bar.row} {self.bar.metric} {unit} {readable(self.bar.limit)}: "
            f"{readable_spread(self.measured)}"
        )


def judge(run: Run, bar: Bar, row: Row, slack: float = 1.0) -> Judgement:
    """The verdict on one bar by the median over the rounds; ``slack`` multiplies its limit."""
    metric = row.metric(bar.metric)
    ours = run.by_round(bar.row, metric, bar.ours)
    measured = spread((ratios(ours, run.by_round(bar.row, metric, bar.peer)) if bar.peer else ours).values())
    others = median([sample.others for peer in needed(bar, row) for sample in run.of(bar.row, peer)] or [0.0])
    if run.failures(bar.row, bar.ours):
        return Judgement(bar, measured, Verdict.MISSED, others)
    if measured is None:
        return Judgement(bar, None, Verdict.UNKNOWN, others)
    verdict = Verdict.REACHED if bar.holds(measured.median, slack) else Verdict.MISSED
    return Judgement(bar, measured, verdict, others)


def needed(bar: Bar, row: Row) -> set[str]:
    """The peers without whom this bar cannot be judged; the way without a proxy is one of them."""
    peers = {bar.ours, bar.peer} - {""}
    return peers | {DIRECT} if row.metric(bar.metric).above_direct else peers


def needed_in(row: Row) -> set[str]:
    """The peers without whom the bars of a row cannot be judged."""
    return {peer for bar in BARS if bar.row == row.name for peer in needed(bar, row)}


def judge_all(run: Run, rows: Mapping[str, Row], slack: float = 1.0, bars: Iterable[Bar] = BARS) -> list[Judgement]:
    """Verdicts on the bars of all rows that this run was to measure."""
    measured = {sample.row for sample in run.samples}
    return [judge(run, bar, rows[bar.row], slack) for bar in bars if bar.row in measured]
