"""A run as a picture: for each row the first metric, one bar a peer, a line from the least to the greatest value."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from bench.bars import OURS
from bench.figures import Spread, readable, spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.rows.row import Row
    from bench.sample import Run

WIDTH, LABEL, SPAN = 760, 190, 460  # pixels: all, the names' column, the longest bar
LINE, GAP, TITLE = 20, 26, 22
OUR_COLOUR, THEIR_COLOUR, RANGE_COLOUR = "#1f6f5c", "#b8bcc4", "#33363d"


def _text(x: float, y: float, words: str, extra: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}"{extra}>{escape(words)}</text>'


def _bar(y: float, name: str, colour: str, known: Spread, scale: float) -> str:
    """One peer's bar: name, bar, range, figure. What lies below nothing is drawn as nothing."""
    low, middle, high = (LABEL + max(0.0, value) * scale for value in (known.low, known.median, known.high))
    centre = y + LINE / 2 - 2
    return "\n".join(
        (
            _text(LABEL - 8, y + 12, name, ' text-anchor="end"'),
            f'<rect x="{LABEL}" y="{y:.0f}" width="{middle - LABEL:.1f}" height="{LINE - 5}" fill="{colour}"/>',
            f'<path d="M{low:.1f} {centre:.1f}H{high:.1f}" stroke="{RANGE_COLOUR}"/>',
            _text(high + 6, y + 12, readable(known.median)),
        )
    )


def panel(title: str, spreads: Mapping[str, Spread], ours: str, top: float) -> tuple[str, float]:
    """One row's bars from ``top`` on, and where the next begins. ``ours`` is the peer to stand out."""
    scale = SPAN / (max(known.high for known in spreads.values()) or 1)
    parts = [_text(0, top + 12, title, ' font-weight="bold"')]
    y = top + TITLE
    for name, known in spreads.items():
        parts.append(_bar(y, name, OUR_COLOUR if name == ours else THEIR_COLOUR, known, scale))
        y += LINE
    return "\n".join(parts), y + GAP


def picture(run: Run, rows: Mapping[str, Row], titles: Mapping[str, str]) -> str:
    """The SVG of a run."""
    y, panels = 8.0, []
    for row in rows.values():
        metric = row.metrics[0]
        known = {
            titles[peer]: values
            for peer in sorted(run.peers(row.name), key=list(titles).index)
            if (values := spread(run.by_round(row.name, metric, peer).values()))
        }
        if known:
            drawn, y = panel(f"{row.title}: {metric.title}", known, titles[OURS], y)
            panels.append(drawn)
    size = f'width="{WIDTH}" height="{y:.0f}" viewBox="-8 0 {WIDTH} {y:.0f}"'
    style = 'font-family="sans-serif" font-size="12" fill="#22252b"'
    paper = f'<rect x="-8" width="{WIDTH}" height="{y:.0f}" fill="#ffffff"/>'
    return "\n".join((f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', paper, *panels, "</svg>\n"))
