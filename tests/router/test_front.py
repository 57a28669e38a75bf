"""Names below the domain, and counts that take no memory at zero. Everything else is in tests/integration."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from twisted.internet.task import Clock

from webproxy.router.front import Front, Ways, _less


@pytest.mark.parametrize(
    ("name", "label"),
    [
        (b"app-fox-chi.secure.example.com", "app-fox-chi"),
        (b"secure.example.com", ""),
        (b"a.app-fox-chi.secure.example.com", ""),
        (b"app-fox-chi.other.example.com", ""),
        (b"app-fox-chi", ""),
        (b"", ""),
    ],
)
def test_the_label_of_a_name(name: bytes, label: str) -> None:
    nothing: Any = None
    ways = Ways(lambda _: None, lambda _: None, lambda: 0.0)
    front = Front(Clock(), "secure.example.com", ways, readiness=nothing, sweep=nothing, departures=nothing)
    assert front._label(name) == label
    assert repr(front) == "<Front of secure.example.com connections=0>"


def test_counts() -> None:
    counts = Counter(a=2)
    _less(counts, "a")
    assert counts == {"a": 1}
    _less(counts, "a")
    assert "a" not in counts
