"""A connection that has come in and has not shown yet whom it wants.

Rule of this file: the ClientHello is looked at, never taken (MSG_PEEK), so whoever speaks TLS afterwards finds it
whole; and there is no TLS object before it is known whom the client wants. A client that stalls costs a descriptor for
ten seconds, and nothing wakes up for it until there is more to read (SO_RCVLOWAT, socket(7)).
"""

from __future__ import annotations

import math
import select
import socket
from typing import TYPE_CHECKING

from webproxy.router.client_hello import LARGEST, NoClientHello, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.net.readiness import Readiness
    from webproxy.net.sweep import IdleSweep
    from webproxy.router.client_hello import ClientHello

PATIENCE = 10.0
"""Seconds from the connection to its whole ClientHello."""


class Arriving:
    """States: waiting, over (whole, refused or too late).

    :param sock: accepted and not blocking; given on with the hello, or closed.
    :param arrived: told once the hello is whole.
    :param left: told when it never will be.
    :ivar due: for the sweep.
    """

    __slots__ = ("_arrived", "_left", "_readiness", "_seen", "_sweep", "_waiting", "due", "sock")

    def __init__(
        self,
        sock: socket.socket,
        readiness: Readiness,
        sweep: IdleSweep,
        arrived: Callable[[Arriving, ClientHello], None],
        left: Callable[[Arriving], None],
    ) -> None:
        self.sock = sock
        self.due = math.inf
        self._readiness = readiness
        self._sweep = sweep
        self._arrived = arrived
        self._left = left
        self._waiting = False
        self._seen = 0

    def __repr__(self) -> str:
        return f"<Arriving {'waiting' if self._waiting else 'over'}>"

    def look(self) -> None:
        """Look at what has come in: mostly all of it, with the connection itself."""
        try:
            data = self.sock.recv(LARGEST, socket.MSG_PEEK)
            hello = read(data) if data else None
        except BlockingIOError:
            self._wait(1)
            return
        except (OSError, NoClientHello):
            self.close()
            return
        if hello is None:
            if len(data) > self._seen:
                self._seen = len(data)
                self._wait(len(data) + 1)
            else:  # nothing more has come: it left, at least as who sends (a half-closed connection, RFC 9293 §3.6)
                self.close()
            return
        self._end()
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
        self._arrived(self, hello)

    def _wait(self, size: int) -> None:
        """Wait until so many bytes are there, or the client leaves."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size)
        if not self._waiting:
            self._waiting = True
            self._sweep.add(self)
            self.due = self._sweep.now + PATIENCE
            try:
                self._readiness.add(self.sock.fileno(), self.look)
            except OSError:
                self.close()
                return
        self._readiness.wait(self.sock.fileno(), select.EPOLLIN | select.EPOLLRDHUP)

    def expired(self, now: float) -> None:
        """It took too long."""
        self.close()

    def close(self) -> None:
        """Give up."""
        self._end()
        self.sock.close()
        self._left(self)

    def refuse(self, alert: bytes) -> None:
        """Send an alert and close; what was only looked at is taken first, or a reset would overtake the alert."""
        try:
            self.sock.recv(LARGEST)
            self.sock.send(alert)
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.sock.close()

    def _end(self) -> None:
        if self._waiting:
            self._waiting = False
            self._readiness.remove(self.sock.fileno(), self.look)
            self._sweep.discard(self)
