"""The internal service of the small rows: a constant answer to every request, and event streams on ``/events``.

It must stay cheaper than any proxy in front of it, so it parses no more than it must: requests here have no body, and
a head ends with an empty line. ``python -m bench.upstream.answers PORT`` serves until it is killed.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from typing import TYPE_CHECKING, cast

import uvloop

from bench.upstream.events import EVENT_HEAD, EVENTS_PATH, Ticker
from bench.upstream.introduced import BEGINNINGS, length

if TYPE_CHECKING:
    from collections.abc import Callable

END_OF_HEAD = b"\r\n\r\n"
CLOSE = b"onnection: close"
BODY = b'{"model":"bench","created":1700000000,"done":true,"response":"The answer is forty-two."}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\ndate: Tue, 14 Nov 2023 22:13:20 GMT\r\nserver: uvicorn\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(BODY), BODY)
)


class Answers(asyncio.Protocol):
    """One connection from a proxy: counts the heads that have arrived and answers each."""

    def __init__(self, ticker: Ticker) -> None:
        self.ticker = ticker
        self.head = b""
        self.write: Callable[[bytes], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.write = self.transport.write

    def data_received(self, data: bytes) -> None:
        if self.head:
            data = self.head + data
        if data.startswith(BEGINNINGS):
            data = data[length(data) or 0 :]
        if not data.endswith(END_OF_HEAD):
            self.head = data
            return
        self.head = b""
        if data.startswith(b"GET " + EVENTS_PATH):
            self.write(EVENT_HEAD)
            self.ticker.add(self.transport)
            return
        heads = data.count(END_OF_HEAD)
        self.write(ANSWER if heads == 1 else ANSWER * heads)
        if CLOSE in data:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ticker.discard(self.transport)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    ticker = Ticker(loop)
    server = await loop.create_server(lambda: Answers(ticker), "127.0.0.1", port, backlog=4096)
    gc.freeze()
    gc.disable()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
