"""Requests at a fixed rate, whatever the answers do (an open loop), and how long each took.

The clock starts when a request is due, not when a connection was free for it: a proxy that stalls does not get to
answer fewer questions (coordinated omission). What the generator itself was late is told apart.

It has to keep up with tens of thousands a second beside the service, and to leave no lumps: so it is bare sockets under
epoll, woken by a timer of the kernel's (timerfd_create(2)) for each request.
"""

from __future__ import annotations

import ctypes
import os
import select
import socket
import time
from collections import deque
from contextlib import ExitStack
from typing import TYPE_CHECKING

from bench.child import MeasurementError
from bench.upstream.answers import BODY

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n\r\n"
CONNECTIONS = 64
LAST = 0.5  # seconds that the last answers get
NS = 1_000_000_000


class _Timer(ctypes.Structure):
    """``struct itimerspec``: how often, and when first."""

    _fields_ = tuple((name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns"))


def ticking(every: int) -> int:
    """A descriptor that becomes readable every so many nanoseconds, and then tells how often that was."""
    libc = ctypes.CDLL(None, use_errno=True)
    timer = libc.timerfd_create(time.CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
    spec = _Timer(every // NS, every % NS, every // NS, every % NS)
    if timer < 0 or libc.timerfd_settime(timer, 0, ctypes.byref(spec), None):
        raise OSError(ctypes.get_errno(), "there is no timer")
    return int(timer)


class Questions:
    """Connections that are free, requests that wait for one, and what came out.

    :ivar took: nanoseconds of each that was answered.
    :ivar lates: nanoseconds by which the generator was late with each.
    """

    def __init__(self, free: list[int]) -> None:
        self.free = free
        self.waiting: deque[int] = deque()
        self.asked: dict[int, int] = {}
        self.parts: dict[int, bytes] = {}
        self.took: list[int] = []
        self.lates: list[int] = []

    def ask(self, now: int) -> None:
        """One request is due, now."""
        if self.free:
            self._send(self.free.pop(), now)
        else:
            self.waiting.append(now)

    def _send(self, connection: int, due: int) -> None:
        self.asked[connection] = due
        os.write(connection, REQUEST)

    def hear(self, connection: int) -> None:
        """Something has come on a connection."""
        data = os.read(connection, 4096)
        if not data:
            raise MeasurementError("a connection was lost")
        if not data.endswith(BODY):
            data = self.parts.pop(connection, b"") + data
            if not data.endswith(BODY):
                self.parts[connection] = data
                return
        self.parts.pop(connection, None)
        self.took.append(time.monotonic_ns() - self.asked.pop(connection))
        if self.waiting:
            self._send(connection, self.waiting.popleft())
        else:
            self.free.append(connection)


def _ticks(poll: select.epoll, timer: int, questions: Questions, seconds: float) -> Iterator[int]:
    """How many ticks there were, again and again; answers are heard meanwhile."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for ready, _ in poll.poll(seconds):
            if ready == timer:
                yield int.from_bytes(os.read(timer, 8), "little")
            else:
                questions.hear(ready)


def ask_at(port: int, rate: int, seconds: float) -> Questions:
    """``rate`` requests a second, evenly spread, for so long; ``MeasurementError`` when a connection was lost."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_connection(("127.0.0.1", port), 10)) for _ in range(CONNECTIONS)]
        poll = stack.enter_context(select.epoll())
        for sock in sockets:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            poll.register(sock, select.EPOLLIN)
        questions = Questions([sock.fileno() for sock in sockets])
        step = NS // rate
        due = time.monotonic_ns() + step
        timer = ticking(step)
        stack.callback(os.close, timer)
        poll.register(timer, select.EPOLLIN)
        for count in _ticks(poll, timer, questions, seconds):
            for _ in range(count):
                now = time.monotonic_ns()
                questions.lates.append(max(0, now - due))
                questions.ask(now)
                due += step
        poll.unregister(timer)
        until = time.monotonic() + LAST
        while questions.asked and time.monotonic() < until:
            for ready, _ in poll.poll(0.05):
                questions.hear(ready)
    return questions
