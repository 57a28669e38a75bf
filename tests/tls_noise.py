"""Noise on a TLS port: connections of every shape, many at once, and what each hears.

Rule of this file: sockets only; it is written for speed: a connection costs this side about a hundred microseconds, so
that a million of them fit into minutes.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from tests.tls_shapes import shape

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from tests.tls_shapes import Shape

ROW = 8
"""Connections that are opened before those that wait are looked at."""
WINDOW = 600
"""Connections at once."""
QUIET = 0.25
"""Seconds after which who has heard nothing goes on."""
PATIENCE = 30.0
"""Seconds that a connection may take: far more than the router's own bounds, as the machine may be busy."""
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: leave with a reset."""


class Noise:
    """Connections to a port, one after the other, many at once.

    :param names: some of the router's: one alone is bounded.
    :ivar heard: how many there were, and what they heard: nothing, an alert, a handshake.
    """

    def __init__(self, port: int, chance: Random, sound: Sequence[bytes], names: Sequence[bytes]) -> None:
        self._port = port
        self._chance = chance
        self._sound = sound
        self._names = names
        self.heard: Counter[str] = Counter()
        self._set = select.epoll()
        self._waiting: dict[int, _Listening] = {}

    def go_on(self, seconds: float) -> None:
        """Open connections for so long, and let the last ones end; blocks."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until or self._waiting:
            fresh = now < until and len(self._waiting) < WINDOW
            for _ in range(ROW if fresh else 0):
                self._open(now)
            for number, _ in self._set.poll(0 if fresh else QUIET / 4, WINDOW):
                self._hear(number, now)
            self._push(now)

    def _open(self, now: float) -> None:
        one = shape(self._chance, self._sound, self._chance.choice(self._names))
        self.heard["connections"] += 1
        sock = _opened(self._port, self._chance, one)
        if sock is None:
            self.heard["cut off"] += 1
        elif one.end == "listen":
            self._waiting[sock.fileno()] = _Listening(sock, one.then, now)
            self._set.register(sock, select.EPOLLIN)
        else:
            _leave(sock, reset=one.end == "reset")

    def _hear(self, number: int, now: float) -> None:
        """Take what came; go on if there is more to say, else leave."""
        one = self._waiting.pop(number)
        data = _heard(one.sock)
        if one.state != "said":
            assert data[:1] in (b"", b"\x15", b"\x16"), data
            self.heard["alert" if data[:1] == b"\x15" else "handshake" if data else "nothing"] += 1
            if data[:1] == b"\x16" and one.then and _sent(one.sock, one.then):
                self._waiting[number] = one._replace(state="said", since=now)
                return
        one.sock.close()

    def _push(self, now: float) -> None:
        """Go on with those who have heard nothing for a while, the oldest first.

        A server may wait for the rest of a ClientHello, or of a handshake: the first are told that this was all, which
        must end them, the others left.
        """
        for number, one in list(self._waiting.items()):
            if now - one.since < QUIET:
                return
            if one.state == "ended":
                assert now - one.since < PATIENCE, "a connection that was ended is kept"
                continue
            del self._waiting[number]
            if one.state == "new" and _ended(one.sock):
                self._waiting[number] = one._replace(state="ended", since=now)
            else:
                one.sock.close()


class _Listening(NamedTuple):
    """A connection. States: new, said (all there was to say), ended (our side of it)."""

    sock: socket.socket
    then: bytes
    since: float
    state: str = "new"


def _opened(port: int, chance: Random, one: Shape) -> socket.socket | None:
    """Connect, from any of loopback's addresses, as each has its bounds; ``None`` if it was cut off while we spoke."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.settimeout(PATIENCE)
    sock.bind((f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}", 0))
    sock.connect(("127.0.0.1", port))
    sock.setblocking(False)
    if all(_sent(sock, piece) for piece in one.pieces):
        return sock
    sock.close()
    return None


def _heard(sock: socket.socket) -> bytes:
    try:
        return sock.recv(65536)
    except OSError:
        return b""


def _sent(sock: socket.socket, data: bytes) -> bool:
    try:
        sock.send(data)
    except OSError:
        return False
    return True


def _ended(sock: socket.socket) -> bool:
    try:
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        return False
    return True


def _leave(sock: socket.socket, *, reset: bool) -> None:
    if reset:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()
