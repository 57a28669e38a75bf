"""The row of policies: it runs, and sees that more of them cost more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.rows.policies import POLICIES


def test_more_policies_cost_more() -> None:
    scene: Any = SimpleNamespace(seconds=0.4)
    values = POLICIES.measure(scene)
    assert 0 < values["none_us"] < 1000
    assert 0 < values["one_us"] < values["five_us"] < 1000
