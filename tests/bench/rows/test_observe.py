"""The row of watching: it runs, and sees that watching costs something."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.rows.observe import OBSERVE


def test_watching_costs_something() -> None:
    scene: Any = SimpleNamespace(seconds=0.4)
    values = OBSERVE.measure(scene)
    assert 0 < values["watch_us"] < 1000
    assert 0 < values["live_percent"] < 100
