"""Metrics are names with a way to read them."""

from __future__ import annotations

from typing import Any

import pytest

from webproxy.policy import Metric


def test_a_metric_is_read_when_somebody_asks() -> None:
    line = [1, 2]
    waiting = Metric("waiting", "gauge", "Requests that wait.", lambda: len(line))
    assert waiting.read() == 2
    line.append(3)
    assert waiting.read() == 3


@pytest.mark.parametrize("name", ["", "Waiting", "waiting-requests", "1st", "a__b", "rejected_total", "x y"])
def test_a_name_is_words_in_lower_case(name: str) -> None:
    with pytest.raises(ValueError, match="is no name for a metric"):
        Metric(name, "counter", "What it tells.", lambda: 0)


def test_it_is_a_gauge_or_a_counter() -> None:
    kind: Any = "histogram"
    with pytest.raises(ValueError, match="waiting is a gauge or a counter, not 'histogram'"):
        Metric("waiting", kind, "What it tells.", lambda: 0)
