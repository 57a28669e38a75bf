"""Event streams at a fixed rate, spread evenly over time, each event with the moment it was sent.

What tokens look like: every stream speaks 20 times a second, and no two streams care about each other. So the second
is cut into slots of a millisecond; a stream belongs to one slot and gets an event whenever its slot comes round.
A late tick is caught up, never skipped, and the event says how late it was: a generator that could not keep up shows.
"""

from __future__ import annotations

import time
from itertools import cycle
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import asyncio

RATE = 20  # events per second on each stream
SLOTS = 1000 // RATE
SLOT_NS = 1_000_000
MARK = b'"sent":'
STAMP_WIDTH = 19  # digits of the nanoseconds; a second number of the same width, after a comma, says how late it was
LINE = (
    b'{"id":"chatcmpl-8Zk3","object":"chat.completion.chunk","created":1700000000,"model":"bench",'
    + MARK
    + b'%019d,%019d,"choices":[{"index":0,"delta":{"content":" token"},"finish_reason":null}]}\n'
)
HEAD = (
    b"HTTP/1.1 200 OK\r\ndate: Tue, 14 Nov 2023 22:13:20 GMT\r\nserver: uvicorn\r\n"
    b"content-type: %b\r\ncache-control: no-store\r\ntransfer-encoding: chunked\r\n\r\n"
)


class Kind(NamedTuple):
    """A kind of stream: where it is, the head of its answer, and an event with two places for moments."""

    path: bytes
    head: bytes
    payload: bytes

    @property
    def asked(self) -> bytes:
        """How a request for it begins."""
        return b"GET " + self.path

    @property
    def chunk(self) -> bytes:
        """An event as it goes over the wire."""
        return b"%x\r\n%b\r\n" % (len(self.payload % (0, 0)), self.payload)


EVENTS = Kind(b"/events", HEAD % b"text/event-stream", b"data: " + LINE + b"\n")
LINES = Kind(b"/ndjson", HEAD % b"application/x-ndjson", LINE)


class Ticker:
    """Writes to one slot of streams every millisecond while there are any."""

    def __init__(self, loop: asyncio.AbstractEventLoop, kind: Kind) -> None:
        self.loop = loop
        self.kind = kind
        self.chunk = kind.chunk
        self.slots: list[set[asyncio.Transport]] = [set() for _ in range(SLOTS)]
        self.slot_of: dict[asyncio.Transport, set[asyncio.Transport]] = {}
        self.next_slot = cycle(self.slots)
        self.turn = cycle(self.slots)
        self.due = 0

    def add(self, stream: asyncio.Transport) -> None:
        slot = self.slot_of[stream] = next(self.next_slot)
        slot.add(stream)
        if len(self.slot_of) == 1:
            self.due = time.monotonic_ns()
            self.tick()

    def discard(self, stream: asyncio.Transport) -> None:
        slot = self.slot_of.pop(stream, None)
        if slot is not None:
            slot.discard(stream)

    def tick(self) -> None:
        now = time.monotonic_ns()
        while self.due <= now:
            event = self.chunk % (now, now - self.due)
            for stream in next(self.turn):
                stream.write(event)
            self.due += SLOT_NS
        if self.slot_of:
            self.loop.call_later((self.due - now) / 1e9, self.tick)
