"""One attempt to connect, on uvloop.

The socket is ours until it is connected: on one machine the kernel completes a connection within connect(2), so asking
a second time usually finishes without a turn of the loop, a timer or a watch on the descriptor. uvloop's transport
takes the connected socket over.
"""

from __future__ import annotations

import os
import socket
from errno import EAGAIN, EALREADY, ECONNREFUSED, EINPROGRESS, EISCONN, ENOENT
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError, ConnectionRefusedError, DNSLookupError, getConnectError
from twisted.internet.error import TimeoutError as ConnectTimedOut

from webproxy.net.destination import Tcp, Unix
from webproxy.net.sockopt import keep_alive
from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from twisted.internet.interfaces import IProtocol

    from webproxy.net.destination import Destination

#: Seconds until a Unix socket whose queue is full (unix(7): EAGAIN) is asked again.
QUEUE_FULL_RETRY = 0.01


class ConnectedTransport(NativeTransport):
    """A connection that we opened: whoever waits for it is told as soon as the protocol is connected."""

    __slots__ = ("_told",)

    def __init__(
        self, loop: asyncio.AbstractEventLoop, protocol: IProtocol, told: Callable[[NativeTransport], None]
    ) -> None:
        super().__init__(loop, protocol)
        self._told = told

    def connection_made(self, uv: asyncio.Transport) -> None:
        """Connect the protocol and tell."""
        super().connection_made(uv)
        self._told(self)
        del self._told


class Attempt:
    """Connects one protocol.

    States: *resolving* (a name), *connecting* (the kernel is), *adopting* (uvloop takes the socket over), *over* (the
    Deferred has fired).

    :param build: makes the protocol, once there is a connection.
    :param timeout: seconds for all of it.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, build: Callable[[], IProtocol], timeout: float) -> None:
        self._loop = loop
        self._build = build
        self._timeout = timeout
        self._timer: asyncio.TimerHandle | None = None
        self._retry: asyncio.TimerHandle | None = None
        self._sock: socket.socket | None = None
        self._lookup: asyncio.Task[Any] | None = None
        self._places: list[tuple[int, Any]] = []
        self._connected: Deferred[IProtocol] = Deferred(self._cancel)

    def start(self, destination: Destination) -> Deferred[IProtocol]:
        """Begin, and return what fires with the connected protocol."""
        place = literal(destination)
        if place is not None:
            self._places = [place]
            self._next()
        elif isinstance(destination, Tcp):
            self._start_timer()
            self._lookup = self._loop.create_task(
                self._loop.getaddrinfo(destination.host, destination.port, type=socket.SOCK_STREAM)  # type: ignore[arg-type]
            )
            self._lookup.add_done_callback(self._resolved)
        return self._connected

    def _resolved(self, lookup: asyncio.Task[Any]) -> None:
        if lookup.cancelled():
            return
        error = lookup.exception()
        if self._connected.called:
            return
        if error is not None:
            self._fail(DNSLookupError(str(error)))
            return
        self._places = list(dict.fromkeys((info[0], info[4]) for info in lookup.result()))
        self._next()

    def _next(self) -> None:
        """Try the next address."""
        family, address = self._places.pop(0)
        try:
            self._sock = sock = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            keep_alive(sock)
        except OSError as error:
            self._failed(error.errno or 0)
            return
        self._judge(sock.connect_ex(address), address)

    def _judge(self, code: int, address: Any) -> None:
        sock = self._sock
        assert sock is not None
        if code == EINPROGRESS:
            code = sock.connect_ex(address)  # on one machine it is decided by now
        if code in {0, EISCONN}:
            if sock.family != socket.AF_UNIX and sock.getsockname() == sock.getpeername():
                # The system chose the very port that is asked for, and nobody listens there: TCP's simultaneous open.
                self._failed(ECONNREFUSED)
            else:
                self._adopt(sock)
        elif code in {EINPROGRESS, EALREADY}:
            self._start_timer()
            self._loop.add_writer(sock, self._writable, address)
        elif code == EAGAIN and sock.family == socket.AF_UNIX:
            self._start_timer()
            self._retry = self._loop.call_later(QUEUE_FULL_RETRY, self._again, address)
        else:
            self._failed(code)

    def _again(self, address: Any) -> None:
        assert self._sock is not None
        self._judge(self._sock.connect_ex(address), address)

    def _writable(self, address: Any) -> None:
        sock = self._sock
        assert sock is not None
        self._loop.remove_writer(sock)
        self._judge(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR), address)

    def _adopt(self, sock: socket.socket) -> None:
        self._stop_timers()
        try:
            protocol = self._build()
        except Exception:
            self._give_up()
            self._connected.errback()
            return
        transport = ConnectedTransport(self._loop, protocol, self._made)
        task = self._loop.create_task(self._loop.create_connection(lambda: transport, sock=sock))  # type: ignore[arg-type]
        task.add_done_callback(done)
        self._sock = None

    def _made(self, transport: NativeTransport) -> None:
        if self._connected.called:
            transport.abortConnection()
        elif transport.protocol is None:
            pass
        else:
            self._connected.callback(transport.protocol)

    def _failed(self, code: int) -> None:
        """One address failed; the last one's error is everybody's."""
        self._give_up()
        if self._places:
            self._next()
        else:
            self._stop_timers()
            self._connected.errback(connect_error(code))

    def _fail(self, error: Exception) -> None:
        self._give_up()
        self._stop_timers()
        self._connected.errback(error)

    def _start_timer(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(self._timeout, self._timed_out)

    def _stop_timers(self) -> None:
        for timer in (self._timer, self._retry):
            if timer is not None:
                timer.cancel()

    def _timed_out(self) -> None:
        self._fail(ConnectTimedOut())

    def _cancel(self, _connected: Deferred[IProtocol]) -> None:
        self._stop_timers()
        self._give_up()

    def _give_up(self) -> None:
        """Let go of what the attempt holds."""
        if self._lookup is not None:
            self._lookup.cancel()
            self._lookup = None
        sock, self._sock = self._sock, None
        if sock is not None:
            self._loop.remove_writer(sock)
            sock.close()


def connect_error(code: int) -> ConnectError:
    """Return Twisted's error for an errno; a Unix socket that does not exist is a service that does not listen."""
    message = os.strerror(code)
    return ConnectionRefusedError(code, message) if code == ENOENT else getConnectError((code, message))


def done(task: asyncio.Task[Any]) -> None:
    """Take the outcome, so that nobody complains that no one did."""
    if not task.cancelled():
        task.exception()


@lru_cache(maxsize=64)
def literal(destination: Destination) -> tuple[int, Any] | None:
    """Return family and address of a destination that needs no resolver; ``None`` for a name."""
    if isinstance(destination, Unix):
        return socket.AF_UNIX, destination.path
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, destination.host)
        except OSError:
            continue
        return family, (destination.host, destination.port)
    return None
