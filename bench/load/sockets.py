"""Clients of WebSockets: each sends a message, waits for one of the same size, and sends the next."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from bench.child import MeasurementError
from bench.upstream.sockets import MASK, frame

if TYPE_CHECKING:
    from collections.abc import Callable

OPENING = 10.0  # seconds until every client has its 101
REQUEST = (
    b"GET /%d HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Client(asyncio.Protocol):
    """One client.

    :ivar trips: round trips so far.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.question = frame(size, MASK)
        self.due = self.whole = len(frame(size))
        self.head = b""
        self.opened = False
        self.trips = 0
        self.lost = False
        self.write: Callable[[bytes], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.write = self.transport.write
        self.write(REQUEST % self.size)

    def data_received(self, data: bytes) -> None:
        if not self.opened:
            self.head += data
            head, end, data = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                raise MeasurementError(f"the answer began with {head[:80]!r}")
            self.opened = True
            self.write(self.question)
        self.due -= len(data)
        if self.due <= 0:
            self.due += self.whole
            self.trips += 1
            self.write(self.question)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True


async def open_clients(port: int, count: int, size: int) -> list[Client]:
    """Open ``count`` clients and wait until each has made a trip; ``MeasurementError`` when they do not in time."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(lambda: Client(size), "127.0.0.1", port))[1] for _ in range(count)]
    until = loop.time() + OPENING
    while silent := sum(not client.trips for client in clients):
        if loop.time() > until:
            for client in clients:
                client.transport.abort()
            raise MeasurementError(f"{silent} of {count} WebSockets brought nothing within {OPENING:.0f} s")
        await asyncio.sleep(0.05)
    return clients
