"""What a relay does next."""

from __future__ import annotations

import math

import pytest

from webproxy.net.relay_step import Step, next_step


@pytest.mark.parametrize("left", [0, 1, math.inf])
@pytest.mark.parametrize("ended", [False, True])
def test_what_is_held_goes_first(left: float, ended: bool) -> None:
    assert next_step(1, left, ended=ended) is Step.GIVE


@pytest.mark.parametrize("left", [1, math.inf])
def test_with_empty_hands_more_is_taken(left: float) -> None:
    assert next_step(0, left, ended=False) is Step.TAKE


@pytest.mark.parametrize(("left", "ended"), [(0, False), (0, True), (1, True), (math.inf, True)])
def test_it_is_over_at_the_length_or_at_the_end(left: float, ended: bool) -> None:
    assert next_step(0, left, ended=ended) is Step.OVER
