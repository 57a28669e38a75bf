"""Curves as a picture: panels with lines over an axis, each axis even or by powers of ten.

Knows nothing of what is drawn: points in, SVG out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from bench.figures import readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT, COLUMNS = 380, 250, 2  # pixels of a panel; panels side by side
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 30, 40
COLOURS = ("#1f6f5c", "#8a8f99", "#b4682a", "#5a4fa2", "#33363d")
TICKS = 5


@dataclass(frozen=True)
class Axis:
    """``powers``: drawn by powers of ten; its values must be above 0 then, and those that are not are left out."""

    title: str
    powers: bool = False


@dataclass(frozen=True)
class Panel:
    title: str
    across: Axis
    up: Axis
    lines: Mapping[str, Points]

    def points(self) -> list[tuple[float, float]]:
        """All that can be drawn."""
        return [point for line in self.lines.values() for point in line if self.draws(point)]

    def draws(self, point: tuple[float, float]) -> bool:
        return all(value > 0 or not axis.powers for value, axis in zip(point, (self.across, self.up), strict=True))


class Scale:
    """From values to pixels."""

    def __init__(self, axis: Axis, values: Sequence[float], begin: float, end: float) -> None:
        self.axis = axis
        low, high = (min(values), max(values)) if axis.powers else (min(0.0, *values), max(values))
        if axis.powers:
            low, high = 10.0 ** math.floor(math.log10(low)), 10.0 ** math.ceil(math.log10(high))
        self.low, self.high = low, high if high > low else low * 10 if axis.powers else low + 1
        self.begin, self.end = begin, end

    def _place(self, value: float) -> float:
        return math.log10(value) if self.axis.powers else value

    def at(self, value: float) -> float:
        low, high = self._place(self.low), self._place(self.high)
        return self.begin + (self._place(value) - low) / (high - low) * (self.end - self.begin)

    def ticks(self) -> list[float]:
        """Where to write figures: powers of ten, every one or every few; or round steps."""
        if self.axis.powers:
            first, last = round(math.log10(self.low)), round(math.log10(self.high))
            return [10.0**power for power in range(first, last + 1, max(1, math.ceil((last - first) / TICKS)))]
        rough = (self.high - self.low) / TICKS
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
        return [step * number for number in range(math.ceil(self.low / step), math.floor(self.high / step + 1e-9) + 1)]


def short(value: float) -> str:
    """A figure at an axis: 10, 2k, 1M, 0.01."""
    for unit, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= unit:
            return f"{value / unit:g}{sign}"
    return f"{value:g}"


def _text(x: float, y: float, words: str, extra: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}"{extra}>{escape(words)}</text>'


def drawn(panel: Panel) -> str:
    """One panel, its corner at 0, 0; a panel without points is its title."""
    parts = [_text(LEFT - 40, 14, panel.title, ' font-weight="bold"')]
    points = panel.points()
    if not points:
        return "\n".join(parts)
    across = Scale(panel.across, [x for x, _ in points], LEFT, WIDTH - RIGHT)
    up = Scale(panel.up, [y for _, y in points], HEIGHT - BOTTOM, TOP)
    for x in across.ticks():
        parts.append(f'<path d="M{across.at(x):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#e4e6ea"/>')
        parts.append(_text(across.at(x), HEIGHT - BOTTOM + 14, short(x), ' text-anchor="middle"'))
    for y in up.ticks():
        parts.append(f'<path d="M{LEFT} {up.at(y):.1f}H{WIDTH - RIGHT}" stroke="#e4e6ea"/>')
        parts.append(_text(LEFT - 5, up.at(y) + 4, short(y), ' text-anchor="end"'))
    parts.append(_text((LEFT + WIDTH) / 2, HEIGHT - 8, panel.across.title, ' text-anchor="middle"'))
    parts.append(_text(LEFT, TOP - 5, panel.up.title, ' fill="#5b606b"'))
    for number, (name, line) in enumerate(panel.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        visible = [(across.at(x), up.at(y), y) for x, y in line if panel.draws((x, y))]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y, _ in visible)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="1.8"/>')
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.4" fill="{colour}"><title>{readable(value)}</title></circle>'
            for x, y, value in visible
            if len(visible) < 30
        ]
        parts.append(_text(WIDTH - RIGHT, TOP - 5 - 12 * number, name, f' fill="{colour}" text-anchor="end"'))
    return "\n".join(parts)


def picture(panels: Sequence[Panel]) -> str:
    """All panels, side by side and below each other, as SVG."""
    rows = math.ceil(len(panels) / COLUMNS)
    width, height = WIDTH * COLUMNS, HEIGHT * rows
    body = [
        f'<g transform="translate({number % COLUMNS * WIDTH} {number // COLUMNS * HEIGHT})">{drawn(panel)}</g>'
        for number, panel in enumerate(panels)
    ]
    size = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    style = 'font-family="sans-serif" font-size="11" fill="#22252b"'
    paper = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join((f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>', paper, *body, "</svg>\n"))
