"""Buckets: as many at once as they hold, then as they fill; and never more of them than are remembered."""

from __future__ import annotations

import tracemalloc

import pytest

from webproxy_ratelimit.buckets import MOST, Buckets


def taken(buckets: Buckets, name: str, now: float, attempts: int) -> int:
    return sum(not buckets.take(name, now) for _ in range(attempts))


@pytest.mark.parametrize(("count", "window"), [(1, 1), (3, 60), (7, 10), (600, 60), (1000, 86400), (999_999, 1)])
def test_as_many_at_once_as_a_bucket_holds(count: int, window: int) -> None:
    assert taken(Buckets(count, window), "a", 1e6, min(count + 5, 2000)) == min(count, 2000)


def test_an_empty_one_says_when_there_is_a_token_again() -> None:
    buckets = Buckets(3, 60)
    assert taken(buckets, "a", 1000, 3) == 3
    assert buckets.take("a", 1000) == pytest.approx(20, abs=0.001)
    assert buckets.take("a", 1015) == pytest.approx(5, abs=0.001)
    assert taken(buckets, "a", 1020, 3) == 1
    assert taken(buckets, "a", 1060, 3) == 2


def test_one_that_rests_is_full_again_and_no_fuller() -> None:
    buckets = Buckets(3, 60)
    assert taken(buckets, "a", 1000, 5) == 3
    assert taken(buckets, "a", 1060, 5) == 3
    assert taken(buckets, "a", 9000, 5) == 3


def test_over_a_long_time_the_rate_holds() -> None:
    buckets = Buckets(10, 1)
    assert sum(not buckets.take("a", 1000 + step / 1000) for step in range(100_000)) in range(1009, 1012)


def test_buckets_are_apart() -> None:
    buckets = Buckets(1, 60)
    assert [taken(buckets, name, 1000, 3) for name in "abc"] == [1, 1, 1]


def test_what_is_in_use_is_not_forgotten() -> None:
    buckets = Buckets(1, 1e6, most=10)
    assert not buckets.take("a", 1000)
    for number in range(100):
        assert not buckets.take(f"other {number}", 1000)
        if not number % 4:
            assert buckets.take("a", 1000) > 0
        assert len(buckets) <= 10


def test_what_is_not_in_use_is_forgotten() -> None:
    buckets = Buckets(1, 1e6, most=10)
    assert not buckets.take("a", 1000)
    for number in range(10):
        buckets.take(f"other {number}", 1000)
    assert not buckets.take("a", 1000)


def test_a_hundred_thousand_addresses_take_no_more_memory_than_fits() -> None:
    buckets = Buckets(10, 60)
    tracemalloc.start()
    try:
        grown = []
        for lot in range(4):
            for number in range(100_000):
                buckets.take(f"10.{lot}.{number >> 8}.{number & 255}", 1000)
            grown.append(tracemalloc.get_traced_memory()[0])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(buckets) <= MOST
    assert repr(buckets) == f"<Buckets {len(buckets)} remembered>"
    assert peak < 8 << 20
    assert max(grown) < 8 << 20
