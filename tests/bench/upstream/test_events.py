"""The generator of events: one an interval on each stream, spread over the interval, late ones caught up."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from bench.upstream import events
from bench.upstream.events import EVENTS, LINES, SLOT_NS, SLOTS, Kind, Ticker

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

INTERVAL = SLOTS * SLOT_NS


class Clock:
    """The loop and the clock, in one, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000
        self.due: Callable[[], None] | None = None

    def monotonic_ns(self) -> int:
        return self.now

    def call_later(self, delay: float, call: Callable[[], None]) -> None:
        assert delay > 0
        self.due = call

    def advance(self, nanoseconds: int) -> None:
        self.now += nanoseconds
        call, self.due = self.due, None
        if call:
            call()


class Stream:
    def __init__(self) -> None:
        self.said: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.said.append(data)


def scene(monkeypatch: pytest.MonkeyPatch, count: int) -> tuple[Clock, Ticker, list[Stream]]:
    clock = Clock()
    monkeypatch.setattr(events, "time", clock)
    ticker = Ticker(cast("asyncio.AbstractEventLoop", clock), EVENTS)
    streams = [Stream() for _ in range(count)]
    for stream in streams:
        ticker.add(cast("asyncio.Transport", stream))
    return clock, ticker, streams


def test_each_stream_gets_one_event_an_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, _, streams = scene(monkeypatch, 2 * SLOTS)
    for _ in range(3 * SLOTS - 1):  # the first slot's turn was when the first stream came, and that was alone
        clock.advance(SLOT_NS)
    said = [len(stream.said) for stream in streams]
    assert said.pop(SLOTS) == 2
    assert set(said) == {3}


def test_a_tick_speaks_to_one_slot_only(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, _, streams = scene(monkeypatch, 2 * SLOTS)
    clock.advance(SLOT_NS)
    assert [number for number, stream in enumerate(streams) if stream.said] == [0, 1, SLOTS + 1]


def test_a_late_tick_is_caught_up_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, _, (stream,) = scene(monkeypatch, 1)
    clock.advance(2 * INTERVAL)
    assert stream.said == [
        EVENTS.chunk % (1_000, 0),
        EVENTS.chunk % (clock.now, INTERVAL),
        EVENTS.chunk % (clock.now, 0),
    ]


def test_who_left_gets_nothing_and_the_last_one_stops_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, ticker, (stream,) = scene(monkeypatch, 1)
    ticker.discard(cast("asyncio.Transport", stream))
    clock.advance(INTERVAL)
    assert len(stream.said) == 1
    assert clock.due is None


@pytest.mark.parametrize("kind", [EVENTS, LINES])
def test_every_event_has_the_length_its_chunk_announces(kind: Kind) -> None:
    size, _, rest = (kind.chunk % (123, 45)).partition(b"\r\n")
    assert int(size, 16) == len(rest) - len(b"\r\n")


def test_a_line_is_one_line_and_an_event_is_a_line_with_its_field() -> None:
    moments = 1_700_000_000_000_000_000, 0
    line = LINES.payload % moments
    assert line.count(b"\n") == 1
    assert EVENTS.payload % moments == b"data: " + line + b"\n"
