"""A run as Markdown: the facts, the bars with their verdicts, and a table for each row."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from bench.bars import DISTURBED, OURS
from bench.figures import ratios, readable, readable_spread, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from bench.bars import Judgement
    from bench.rows.row import Metric, Row
    from bench.sample import Run

NOTE = (
    "Medians over the rounds, least and greatest in brackets. *webproxy / peer* is the median of the rounds' ratios: "
    "below 1, webproxy is cheaper."
)


def table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table, the first column aligned left, the others right."""
    rule = ["---", *("---:" for _ in header[1:])]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines))


def _ratio(run: Run, row: Row, metric: Metric, peer: str) -> str:
    known = spread(ratios(run.by_round(row.name, metric, OURS), run.by_round(row.name, metric, peer)).values())
    return "" if peer == OURS or known is None else readable(known.median)


def row_table(run: Run, row: Row, titles: Mapping[str, str]) -> str:
    """One line a peer, one column a metric; beside the first, where that says something, how webproxy compares."""
    first = row.metrics[0]
    header = ["", *(metric.title for metric in row.metrics)]
    lines = []
    for peer in sorted(run.peers(row.name), key=list(titles).index):
        cells = [readable_spread(spread(run.by_round(row.name, metric, peer).values())) for metric in row.metrics]
        lines.append([titles[peer], *cells])
        if first.compared:
            lines[-1].insert(2, _ratio(run, row, first, peer))
    if first.compared:
        header.insert(2, "webproxy / peer")
    return table(header, lines)


def bars_table(judgements: Iterable[Judgement], rows: Mapping[str, Row]) -> str:
    """One line a bar."""
    lines = []
    for judgement in judgements:
        bar, measured = judgement.bar, judgement.measured
        metric = rows[bar.row].metric(bar.metric)
        limit = f"{readable(bar.limit)} x {bar.peer}" if bar.peer else readable(bar.limit)
        limit = f"at {'least' if bar.least else 'most'} {limit}"
        lines.append([f"{rows[bar.row].title}: {metric.title}", limit, readable_spread(measured), judgement.words])
    return table(["bar", "limit", "measured", "verdict"], lines)


def _remarks(run: Run, row: Row, titles: Mapping[str, str]) -> Iterator[str]:
    for peer in run.peers(row.name):
        for failure in run.failures(row.name, peer):
            yield f"* {titles[peer]} failed: {failure}"
        for disturbance in run.disturbances(row.name, peer):
            yield f"* {titles[peer]}, a round that does not count: {disturbance}"


def document(run: Run, rows: Mapping[str, Row], titles: Mapping[str, str], judgements: Sequence[Judgement]) -> str:
    """The whole report."""
    rounds = len({sample.turn for sample in run.samples})
    others = [sample.others for sample in run.samples]
    parts = ["# Bench", "\n".join(f"* {name}: {fact}" for name, fact in run.facts.items())]
    if others:
        quiet = median(others) <= DISTURBED
        parts.append(
            f"{rounds} rounds, peers interleaved. Other programs used {median(others):.0%} of the machine "
            f"(at most {max(others):.0%}) meanwhile{'' if quiet else ', **which disturbs these figures**'}. {NOTE}"
        )
    if judgements:
        parts += ["## Bars", bars_table(judgements, rows)]
    for row in rows.values():
        if run.peers(row.name):
            parts += [f"## {row.title}", row_table(run, row, titles)]
            remarks = "\n".join(_remarks(run, row, titles))
            parts += [remarks] if remarks else []
    return "\n\n".join(parts) + "\n"
