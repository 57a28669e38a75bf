"""Pipes, lent one at a time, for as long as there are bytes in them.

A pipe's size decides what it is worth: through the kernel's own 64 KiB, a GiB cost more than copying did (400-560 ms of
CPU against 260-470), through 1 MiB 210-250. An unprivileged user may have 64 MiB of pipes in all
(``fs.pipe-user-pages-soft``, pipe(7)); beyond that, or without descriptors, there is a copy instead of a pipe, and
never an error.
"""

from __future__ import annotations

import os
import socket
from contextlib import closing
from typing import TYPE_CHECKING

from webproxy.net.carriers import SET_SIZE, Copy, Pipe

if TYPE_CHECKING:
    from webproxy.net.carriers import Carrier

SIZE = 1 << 20
"""Bytes that a pipe holds, and that are moved at most before others have their turn."""

LENT = 40
"""Most pipes at a time: what is left of 64 MiB is for the user's other programs."""

RESTING = 8
"""Most pipes kept while nothing is in them; each takes two descriptors and 10 KiB of the kernel's memory."""


class PipePool:
    """Lends carriers.

    :param most: how many pipes at a time; 0 to copy always.
    :ivar lent: how many pipes are out.
    """

    def __init__(self, most: int = LENT) -> None:
        self._most = most if splices() else 0
        self._resting: list[Pipe] = []
        self._shared = memoryview(b"")
        self.lent = 0

    def __repr__(self) -> str:
        return f"<PipePool lent={self.lent} resting={len(self._resting)}>"

    def take(self) -> Carrier:
        """Lend an empty pipe or, when there is none to be had, a copy."""
        if self.lent < self._most:
            pipe = self._resting.pop() if self._resting else open_pipe()
            if pipe is not None:
                self.lent += 1
                return pipe
        if not self._shared:
            self._shared = memoryview(bytearray(SIZE))
        return Copy(self._shared)

    def give_back(self, carrier: Carrier) -> None:
        """Take a carrier back. One with bytes in it is closed: they must never reach somebody else."""
        if not isinstance(carrier, Pipe):
            return
        self.lent -= 1
        if carrier.held or len(self._resting) >= min(RESTING, self._most):
            carrier.close()
        else:
            self._resting.append(carrier)

    def close(self) -> None:
        """Close what rests; what is out is closed when it comes back."""
        self._most = 0
        while self._resting:
            self._resting.pop().close()


def splices() -> bool:
    """Try whether this system passes bytes from sockets to pipes and back: sandboxes may forbid it."""
    if not (hasattr(os, "splice") and SET_SIZE):
        return False
    try:
        with closing(Pipe(os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))) as pipe:
            one, other = socket.socketpair()
            with one, other:
                one.send(b"x")
                return pipe.fill(other.fileno(), 1) == pipe.drain(other.fileno()) == 1
    except OSError:
        return False


def open_pipe() -> Pipe | None:
    """Make a pipe of 1 MiB; ``None`` when there are no descriptors, or no such pipes for this user."""
    try:
        pipe = Pipe(os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError:
        return None
    try:
        pipe.enlarge(SIZE)
    except OSError:
        pipe.close()
        return None
    return pipe
