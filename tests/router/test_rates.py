"""Buckets: so many at once, then so many a second."""

from __future__ import annotations

from webproxy.router.rates import Rates


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_steadily() -> None:
    clock = Clock()
    rates = Rates(clock, rate=0.5, burst=3)
    assert [rates.wait("a") for _ in range(5)] == [0, 0, 0, 2, 2]
    assert rates.wait("b") == 0
    clock.now += 2
    assert [rates.wait("a") for _ in range(2)] == [0, 2]
    clock.now += 1000
    assert [rates.wait("a") for _ in range(4)] == [0, 0, 0, 2]
    assert repr(rates) == "<Rates 3 at once, then 0.5/s; 2 kept>"


def test_those_seen_least_recently_are_forgotten() -> None:
    rates = Rates(Clock(), rate=1, burst=1, most=2)
    for whose in ("a", "b", "a", "c"):
        rates.wait(whose)
    assert rates.wait("a") == 1
    assert rates.wait("b") == 0
