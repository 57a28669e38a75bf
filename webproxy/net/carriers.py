"""What carries bytes from one socket to another: a pipe, which never shows them to us, or a copy in memory.

Both take from a descriptor once, and then give to another one until nothing is left. What a carrier holds belongs to
one flow; whoever throws a carrier away throws those bytes away. Sockets must not block.
"""

from __future__ import annotations

import fcntl
import os
from typing import Protocol

SPLICE_FLAGS = getattr(os, "SPLICE_F_MOVE", 0) | getattr(os, "SPLICE_F_NONBLOCK", 0)

SET_SIZE = getattr(fcntl, "F_SETPIPE_SZ", 0)


class Carrier(Protocol):
    """Holds bytes between two sockets.

    :ivar held: how many bytes it holds.
    """

    held: int

    def fill(self, source: int, most: int) -> int:
        """Take at most ``most`` bytes from a descriptor; only while nothing is held.

        :returns: how many came; 0 at the end of the stream.
        :raises BlockingIOError: nothing is there.
        :raises OSError: the source is broken.
        """

    def drain(self, sink: int) -> int:
        """Give what is held to a descriptor, as much as it takes; returns how many bytes went.

        :raises OSError: the sink is broken.
        """

    def empty(self) -> bytes:
        """Give up what is held, in our own memory."""


class Pipe:
    """Carries bytes in the kernel: pages go from queue to queue (splice(2)).

    :param ends: descriptors of a pipe, the one to read from first.
    """

    __slots__ = ("_read_end", "_write_end", "held")

    def __init__(self, ends: tuple[int, int]) -> None:
        self._read_end, self._write_end = ends
        self.held = 0

    def __repr__(self) -> str:
        return f"<Pipe {self._read_end}-{self._write_end} held={self.held}>"

    def fill(self, source: int, most: int) -> int:
        """Take at most ``most`` bytes."""
        self.held = os.splice(source, self._write_end, most, flags=SPLICE_FLAGS)
        return self.held

    def drain(self, sink: int) -> int:
        """Give what is held. Without SPLICE_F_MORE: the last bytes may be long the last."""
        before = self.held
        try:
            while self.held:
                self.held -= os.splice(self._read_end, sink, self.held, flags=SPLICE_FLAGS)
        except BlockingIOError:
            pass
        return before - self.held

    def empty(self) -> bytes:
        """Read out what is held."""
        pieces = []
        while self.held:
            pieces.append(os.read(self._read_end, self.held))
            self.held -= len(pieces[-1])
        return b"".join(pieces)

    def enlarge(self, size: int) -> None:
        """Let it hold so many bytes.

        :raises OSError: this user may not have pipes of that size, or not so many of them.
        """
        fcntl.fcntl(self._write_end, SET_SIZE, size)

    def close(self) -> None:
        """Give both descriptors back, and what is held up."""
        os.close(self._read_end)
        os.close(self._write_end)


class Copy:
    """Carries bytes through memory: for want of a pipe, and for machines without splice.

    :param shared: what is read into. Others use it too: what a sink did not take at once, ``drain`` puts aside.
    """

    __slots__ = ("_rest", "_shared", "held")

    def __init__(self, shared: memoryview) -> None:
        self._shared = shared
        self._rest = shared[:0]
        self.held = 0

    def __repr__(self) -> str:
        return f"<Copy held={self.held}>"

    def fill(self, source: int, most: int) -> int:
        """Take at most ``most`` bytes; to be drained before anybody else fills the shared memory."""
        self.held = os.readv(source, [self._shared[:most]])
        self._rest = self._shared[: self.held]
        return self.held

    def drain(self, sink: int) -> int:
        """Give what is held."""
        taken = 0
        try:
            taken = os.write(sink, self._rest)
        except BlockingIOError:
            pass
        self.held -= taken
        rest = self._rest[taken:]
        self._rest = memoryview(bytes(rest)) if self._rest.obj is self._shared.obj else rest
        return taken

    def empty(self) -> bytes:
        """Hand over what is held."""
        rest, self._rest, self.held = bytes(self._rest), self._shared[:0], 0
        return rest
