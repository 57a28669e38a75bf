"""Ten minutes of anything that clients and services may say, other things each time.

A failure names its game; ``tests.fuzz.run.play`` plays it again.
"""

from __future__ import annotations

from random import SystemRandom

from tests.fuzz.run import play_for


def test_ten_minutes_of_anything() -> None:
    games = play_for(600, seed=SystemRandom().randrange(1 << 48))
    assert games > 10_000
