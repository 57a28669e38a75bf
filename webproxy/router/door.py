"""The front's listening socket.

Rule of this file: accept, in turns, and hand over; who may come in is ``front``'s.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from zope.interface import implementer

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.router.front import Front

log = Logger()

TURN = 32
"""Connections that are accepted before anybody else has a turn."""
SILENT = 3
"""Seconds for which the kernel keeps a connection to itself that says nothing (TCP_DEFER_ACCEPT, tcp(7)): mostly the
hello is there when we hear of a connection, which saves 40 us of a thousand."""
PAUSE = 0.1
"""Seconds for which nobody is accepted after the system had nothing to accept with."""


@implementer(IReadDescriptor)
class Door:
    """A listening socket that hands each connection to a front. States: open, closed.

    :param sock: bound and listening; it belongs to the door from here on.
    """

    def __init__(self, reactor: Any, sock: socket.socket, front: Front) -> None:
        self._reactor = reactor
        self._sock = sock
        self._front = front
        self._pause: Any = None
        sock.setblocking(False)
        if hasattr(socket, "TCP_DEFER_ACCEPT"):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, SILENT)
        reactor.addReader(self)

    def __repr__(self) -> str:
        return f"<Door {'closed' if self._sock.fileno() < 0 else 'open'}>"

    def fileno(self) -> int:
        """The descriptor's number."""
        return self._sock.fileno()

    def doRead(self) -> None:
        """Accept those who wait, some of them at a time."""
        for _ in range(TURN):
            try:
                sock, address = self._sock.accept()
            except BlockingIOError:
                return
            except OSError as error:  # for want of descriptors or memory; the rest waits in the kernel
                log.warn("a connection could not be accepted: {error}", error=error, kind="accept-failed")  # noqa: G010 - Twisted's name
                self._reactor.removeReader(self)
                self._pause = self._reactor.callLater(PAUSE, self._reactor.addReader, self)
                return
            self._let_in(sock, address)

    def _let_in(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        """Hand a connection over; a mistake of ours costs this one: the reactor would serve the door no more."""
        try:
            self._front.accept(sock, address)
        except Exception:  # noqa: BLE001 - whatever it is
            log.failure("a connection failed at the door", kind="front-failed")
            sock.close()

    def close(self) -> None:
        """Accept no more."""
        if self._pause is not None and self._pause.active():
            self._pause.cancel()
        if self._sock.fileno() >= 0:
            self._reactor.removeReader(self)
            self._sock.close()

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: a listening socket has no peer."""

    def logPrefix(self) -> str:
        """Return what log lines about this door begin with."""
        return "door"
