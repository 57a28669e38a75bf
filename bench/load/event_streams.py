"""Clients of event streams: open many, and note of each event how long it was on its way."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from bench.child import MeasurementError
from bench.upstream.events import EVENTS, MARK, STAMP_WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.upstream.events import Kind

REQUEST = b"GET %b HTTP/1.1\r\nHost: bench\r\nAccept: */*\r\n\r\n"
AT_ONCE = 50  # streams opened at the same time
OPENING = 10.0  # seconds until every stream has seen an event
LATE_AT = STAMP_WIDTH + 1
STAMPS = LATE_AT + STAMP_WIDTH


class Tally:
    """Events that arrived: nanoseconds on their way, and nanoseconds by which they were sent late."""

    def __init__(self) -> None:
        self.lags: list[int] = []
        self.lates: list[int] = []

    def clear(self) -> None:
        self.lags.clear()
        self.lates.clear()


class EventStream(asyncio.Protocol):
    """One stream. Bytes are read only where events carry their moments."""

    def __init__(self, tally: Tally, kind: Kind = EVENTS) -> None:
        self.tally = tally
        self.kind = kind
        self.part = b""
        self.events = 0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.close: Callable[[], None] = transport.close
        transport.write(REQUEST % self.kind.path)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        if self.part:
            data = self.part + data
        if data.endswith(b"\n"):
            self.part = b""
        else:
            end = data.rfind(b"\n") + 1
            data, self.part = data[:end], data[end:]
        for event in data.split(MARK)[1:]:
            sent, late = event[:STAMP_WIDTH], event[LATE_AT:STAMPS]
            if sent.isdigit() and late.isdigit():
                self.events += 1
                self.tally.lags.append(now - int(sent))
                self.tally.lates.append(int(late))

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


async def open_streams(port: int, count: int, tally: Tally, kind: Kind = EVENTS) -> list[EventStream]:
    """Open ``count`` streams and wait until each has seen an event; ``MeasurementError`` when they do not in time."""
    loop = asyncio.get_running_loop()
    streams: list[EventStream] = []
    for begin in range(0, count, AT_ONCE):
        batch = [
            loop.create_connection(lambda: EventStream(tally, kind), "127.0.0.1", port)
            for _ in range(min(AT_ONCE, count - begin))
        ]
        streams += [stream for _, stream in await asyncio.gather(*batch)]
    until = loop.time() + OPENING
    while silent := sum(not stream.events for stream in streams):
        if loop.time() > until:
            raise MeasurementError(f"{silent} of {count} streams brought no event within {OPENING:.0f} s")
        await asyncio.sleep(0.05)
    return streams
