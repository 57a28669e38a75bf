"""The idle sweep: late by at most two ticks, never early, and still when nobody is watched."""

from __future__ import annotations

import math

import pytest
from twisted.internet.task import Clock

from tests.peers import logged_failures
from webproxy.net.sweep import IdleSweep


class Item:
    """Writes down when it expired."""

    def __init__(self, due: float = math.inf) -> None:
        self.due = due
        self.expirations: list[float] = []

    def expired(self, now: float) -> None:
        self.expirations.append(now)


def passes(clock: Clock, seconds: float, step: float = 0.01) -> None:
    clock.pump([step] * round(seconds / step))


@pytest.mark.parametrize("offset", [0.0, 0.05, 0.12, 0.24])
@pytest.mark.parametrize("limit", [0.1, 1.0, 7.3])
def test_an_item_expires_once_within_two_ticks_and_never_early(offset: float, limit: float) -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    sweep.add(Item())
    passes(clock, 1 + offset)
    item = Item(sweep.now + limit)
    touched = clock.seconds()
    sweep.add(item)
    passes(clock, limit + 2)
    assert len(item.expirations) == 1
    assert limit <= item.expirations[0] - touched <= limit + 2 * 0.25 + 0.02


def test_traffic_moves_a_deadline_without_a_timer() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    item = Item(sweep.now + 1)
    sweep.add(item)
    for _ in range(10):
        passes(clock, 0.9)
        item.due = sweep.now + 1
        assert len(clock.getDelayedCalls()) == 1
    assert not item.expirations
    passes(clock, 2)
    assert len(item.expirations) == 1


def test_an_expired_item_is_told_once_and_may_set_a_new_deadline() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    item = Item(sweep.now + 1)
    sweep.add(item)
    passes(clock, 5)
    assert len(item.expirations) == 1
    assert item.due == math.inf
    item.due = sweep.now + 1
    passes(clock, 5)
    assert len(item.expirations) == 2


def test_never_is_never() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    item = Item()
    sweep.add(item)
    clock.pump([3600.0] * 100)
    assert not item.expirations


def test_a_discarded_item_is_left_alone() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    item = Item(sweep.now + 1)
    sweep.add(item)
    sweep.discard(item)
    sweep.discard(item)
    passes(clock, 5)
    assert not item.expirations


def test_the_clock_is_left_alone_while_nobody_is_watched() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    assert not clock.getDelayedCalls()
    item = Item()
    sweep.add(item)
    sweep.add(Item())
    assert len(clock.getDelayedCalls()) == 1
    sweep.discard(item)
    passes(clock, 1)
    assert len(clock.getDelayedCalls()) == 1
    sweep = IdleSweep(clock := Clock())
    sweep.add(item)
    sweep.discard(item)
    passes(clock, 1)
    assert not clock.getDelayedCalls()


def test_now_is_fresh_after_a_pause() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    clock.advance(1000)
    item = Item()
    sweep.add(item)
    assert sweep.now == 1000
    assert repr(sweep) == "<IdleSweep of 1 at 1000.00>"


def test_now_is_at_most_one_tick_old() -> None:
    clock = Clock()
    sweep = IdleSweep(clock, tick=0.5)
    sweep.add(Item())
    for _ in range(200):
        clock.advance(0.013)
        assert 0 <= clock.seconds() - sweep.now <= 0.5


def test_after_a_standstill_what_waits_is_read_before_anybody_is_judged() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    item = Item(sweep.now + 60)
    sweep.add(item)
    passes(clock, 1)
    order: list[str] = []

    def wake_up() -> None:
        # The reactor runs what is due (our look), then reads what arrived meanwhile, then runs what is due again.
        order.append("read")
        item.due = sweep.now + 60

    clock.callLater(1000, wake_up)
    clock.advance(1000)
    assert order == ["read"]
    assert not item.expirations


def test_a_standstill_expires_what_had_nothing_to_read() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    item = Item(sweep.now + 60)
    sweep.add(item)
    clock.advance(61)
    assert len(item.expirations) == 1


def test_an_item_may_take_another_along() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    items: list[Item] = []

    class Takes(Item):
        def expired(self, now: float) -> None:
            super().expired(now)
            for item in items:
                sweep.discard(item)

    items += [Takes(1.0), Takes(1.0)]
    for item in items:
        sweep.add(item)
    passes(clock, 3)
    assert sum(len(item.expirations) for item in items) == 1


def test_an_item_may_add_another() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)
    late = Item(0.5)

    class Adds(Item):
        def expired(self, now: float) -> None:
            sweep.discard(self)
            sweep.add(late)

    sweep.add(Adds(1.0))
    passes(clock, 3)
    assert len(late.expirations) == 1


def test_an_item_that_raises_does_not_stop_the_sweep() -> None:
    clock = Clock()
    sweep = IdleSweep(clock)

    class Breaks(Item):
        def expired(self, now: float) -> None:
            raise ZeroDivisionError

    items = [Breaks(1.0), Item(1.0), Breaks(1.0), Item(2.0)]
    for item in items:
        sweep.add(item)
    with logged_failures() as failures:
        passes(clock, 4)
    assert [type(failure) for failure in failures] == [ZeroDivisionError] * 2
    assert [len(item.expirations) for item in items] == [0, 1, 0, 1]
