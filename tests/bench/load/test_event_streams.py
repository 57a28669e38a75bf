"""Events are counted and timed however a proxy cuts them."""

from __future__ import annotations

import time
from random import Random

import pytest

from bench.load.event_streams import EventStream, Tally
from bench.upstream.events import EVENTS, LINES, Kind

SECOND = 1_000_000_000


def wire(count: int, kind: Kind = EVENTS) -> bytes:
    now = time.monotonic_ns()
    return kind.head + b"".join(kind.chunk % (now - SECOND, number) for number in range(count))


def test_an_event_tells_when_it_was_sent_and_how_late() -> None:
    tally = Tally()
    stream = EventStream(tally)
    stream.data_received(wire(3))
    assert tally.lates == [0, 1, 2]
    assert all(SECOND <= lag < 2 * SECOND for lag in tally.lags)
    assert stream.events == 3


@pytest.mark.parametrize("kind", [EVENTS, LINES])
@pytest.mark.parametrize("seed", range(20))
def test_events_are_found_wherever_reads_end(seed: int, kind: Kind) -> None:
    random, data, tally = Random(seed), wire(40, kind), Tally()
    stream = EventStream(tally)
    while data:
        size = random.randint(1, 400)
        stream.data_received(data[:size])
        data = data[size:]
    assert tally.lates == list(range(40))
    assert stream.events == 40


def test_a_cleared_tally_begins_anew() -> None:
    tally = Tally()
    stream = EventStream(tally)
    stream.data_received(wire(2))
    tally.clear()
    stream.data_received(EVENTS.chunk % (time.monotonic_ns(), 7))
    assert tally.lates == [7]
    assert len(tally.lags) == 1
