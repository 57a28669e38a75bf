"""Curves: every point in its place, nothing outside, and what cannot be drawn left out."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from bench.lines import HEIGHT, WIDTH, Axis, Panel, Scale, drawn, picture, short

POWERS = Axis("connections", powers=True)
EVEN = Axis("minutes")


def test_powers_of_ten_are_as_far_from_each_other_as_the_next() -> None:
    scale = Scale(POWERS, [10, 10_000], 0, 300)
    assert [scale.at(10.0**power) for power in range(1, 5)] == pytest.approx([0, 100, 200, 300])
    assert scale.ticks() == [10, 100, 1000, 10_000]


def test_an_even_axis_begins_at_nothing_and_has_round_ticks() -> None:
    scale = Scale(EVEN, [7, 58], 0, 58)
    assert scale.at(29) == pytest.approx(29)
    assert scale.ticks() == [0, 20, 40]


@pytest.mark.parametrize(("axis", "value"), [(POWERS, 100.0), (EVEN, 0.0), (EVEN, 5.0)])
def test_a_single_value_has_a_place(axis: Axis, value: float) -> None:
    scale = Scale(axis, [value], 0, 100)
    assert 0 <= scale.at(value) <= 100
    assert scale.ticks()


@pytest.mark.parametrize(("value", "words"), [(0.01, "0.01"), (20, "20"), (2000, "2k"), (1e6, "1M"), (2.5e9, "2.5G")])
def test_figures_at_an_axis_are_short(value: float, words: str) -> None:
    assert short(value) == words


def test_a_picture_is_well_formed_and_stays_on_its_paper() -> None:
    line = [(1.0, 5.0), (1000.0, 80.0)]
    panels = [Panel(f"a < {number}", POWERS, Axis("MiB"), {"webproxy": line, "nginx": line}) for number in range(3)]
    tree = ET.fromstring(picture(panels))
    assert tree.get("height") == str(2 * HEIGHT)
    circles = [one for one in tree.iter() if one.tag.endswith("circle")]
    assert len(circles) == 3 * 4
    assert all(0 <= float(one.get("cx", -1)) <= WIDTH and 0 <= float(one.get("cy", -1)) <= HEIGHT for one in circles)


def test_what_has_no_logarithm_is_left_out() -> None:
    assert drawn(Panel("a", POWERS, POWERS, {"b": [(0.0, 1.0), (10.0, 1.0), (10.0, -1.0)]})).count("<circle") == 1
    assert "<circle" not in drawn(Panel("a", POWERS, POWERS, {"b": [(0.0, 1.0)]}))
