"""Requests at a fixed rate, whatever the answers do (an open loop), and how long each took.

The clock starts when a request is due, not when a connection was free for it: a proxy that stalls does not get to
answer fewer questions (coordinated omission). What the generator itself was late is told apart.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING, cast

from bench.child import MeasurementError
from bench.upstream.answers import BODY

if TYPE_CHECKING:
    from collections.abc import Callable

REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"
CONNECTIONS = 64


class Questions:
    """Free connections, requests that wait for one, and the nanoseconds that answered ones took."""

    def __init__(self) -> None:
        self.free: list[Connection] = []
        self.waiting: deque[int] = deque()
        self.took: list[int] = []
        self.lates: list[int] = []
        self.lost = 0

    def ask(self, due: int) -> None:
        """One request is due, now."""
        if self.free:
            self.free.pop().ask(due)
        else:
            self.waiting.append(due)


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.due = 0
        self.answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.write: Callable[[bytes], None] = self.transport.write
        self.questions.free.append(self)

    def ask(self, due: int) -> None:
        self.due = due
        self.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        if not self.answer.endswith(BODY):
            return
        self.answer = b""
        questions = self.questions
        questions.took.append(time.monotonic_ns() - self.due)
        if questions.waiting:
            self.ask(questions.waiting.popleft())
        else:
            questions.free.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.questions.lost += 1


async def ask_at(port: int, rate: int, seconds: float) -> Questions:
    """``rate`` requests a second, evenly spread, for so long; ``MeasurementError`` when a connection was lost."""
    loop = asyncio.get_running_loop()
    questions = Questions()
    for _ in range(CONNECTIONS):
        await loop.create_connection(lambda: Connection(questions), "127.0.0.1", port)
    step = 1_000_000_000 // rate
    due = time.monotonic_ns()
    end = due + int(seconds * 1e9)
    while (now := time.monotonic_ns()) < end:
        while due <= now:
            questions.lates.append(now - due)
            questions.ask(now)
            due += step
        await asyncio.sleep((due - now) / 1e9)
    await asyncio.sleep(0.1)
    if questions.lost:
        raise MeasurementError(f"{questions.lost} of {CONNECTIONS} connections were lost")
    for connection in questions.free:
        connection.transport.close()
    return questions
