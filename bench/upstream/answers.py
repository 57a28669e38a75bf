"""The internal service of the small rows: a constant answer to every request, 64 KiB of JSON on ``/large``, and event
streams on ``/events`` and ``/ndjson``.

It must stay cheaper than any proxy in front of it, so it parses no more than it must: a GET has no body, a head ends
with an empty line, and a POST comes alone and says how long it is.

``python -m bench.upstream.answers PORT`` serves until it is killed.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
from typing import TYPE_CHECKING, cast

import uvloop

from bench.upstream.events import EVENTS, LINES, Ticker
from bench.upstream.introduced import BEGINNINGS, length

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

END_OF_HEAD = b"\r\n\r\n"
CLOSE = b"onnection: close"
BODY = b'{"model":"bench","created":1700000000,"done":true,"response":"The answer is forty-two."}'
LARGE_PATH = "/large"
LARGE = b'{"data":"%b"}' % (b"x" * (65536 - 11))
HEAD = (
    b"HTTP/1.1 200 OK\r\ndate: Tue, 14 Nov 2023 22:13:20 GMT\r\nserver: uvicorn\r\n"
    b"content-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
)
ANSWER = HEAD % (len(BODY), BODY)
LARGE_ANSWER = HEAD % (len(LARGE), LARGE)
ASKED_FOR_LARGE = b"GET " + LARGE_PATH.encode()
POSTED = re.compile(rb"^POST [^\0]*?\r\ncontent-length: *(\d+)", re.IGNORECASE)


class Answers(asyncio.Protocol):
    """One connection from a proxy: counts the heads that have arrived and answers each.

    :ivar due: bytes of a body that are to come.
    """

    def __init__(self, tickers: Sequence[Ticker]) -> None:
        self.tickers = tickers
        self.head = b""
        self.due = 0
        self.write: Callable[[bytes], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.write = self.transport.write

    def data_received(self, data: bytes) -> None:
        if self.due:
            self._body(len(data))
            return
        if self.head:
            data = self.head + data
        if data.startswith(BEGINNINGS):
            data = data[length(data) or 0 :]
        if not data.endswith(END_OF_HEAD):
            self.head = data
            if data.startswith(b"POST "):
                self._posted(data)
            return
        self.head = b""
        self._asked(data)

    def _posted(self, data: bytes) -> None:
        """A head and some of its body, or not even the whole head."""
        head, end, body = data.partition(END_OF_HEAD)
        known = POSTED.match(head)
        if end and known:
            self.head = b""
            self.due = int(known[1])
            self._body(len(body))

    def _body(self, count: int) -> None:
        """So many bytes of a body have come."""
        self.due -= count
        if not self.due:
            self.write(ANSWER)

    def _asked(self, data: bytes) -> None:
        """One head, or several, and nothing else."""
        for ticker in self.tickers:
            if data.startswith(ticker.kind.asked):
                self.write(ticker.kind.head)
                ticker.add(self.transport)
                return
        if data.startswith(b"POST "):
            self._posted(data)
            return
        if data.startswith(ASKED_FOR_LARGE):
            self.write(LARGE_ANSWER)
            return
        heads = data.count(END_OF_HEAD)
        self.write(ANSWER if heads == 1 else ANSWER * heads)
        if CLOSE in data:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        for ticker in self.tickers:
            ticker.discard(self.transport)


async def serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    tickers = (Ticker(loop, EVENTS), Ticker(loop, LINES))
    server = await loop.create_server(lambda: Answers(tickers), "127.0.0.1", port, backlog=4096)
    gc.freeze()
    gc.disable()
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
