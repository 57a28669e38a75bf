"""One attempt to connect, on uvloop.

uvloop connects, and does it cheaper than a socket of ours handed over to it (35 us of CPU on loopback against 41). The
Deferred fires from within uvloop's ``connection_made``, two turns of the loop before asyncio's own future would.
"""

from __future__ import annotations

import asyncio
import socket
from errno import ECONNREFUSED
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from twisted.internet import error as tx
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from webproxy.net.destination import Unix
from webproxy.net.sockopt import keep_alive_descriptor, probe_apart
from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IProtocol

    from webproxy.net.destination import Destination, Tcp

QUEUE_FULL = 0.01
"""Seconds until a Unix socket is asked again whose queue is full (EAGAIN, unix(7))."""

CONNECTED_TO_ITSELF = "nobody listens there; the system connected the socket to itself"
"""It chose as our own port the very one that was asked for: a simultaneous open with oneself (RFC 9293 §3.5)."""


class Attempt:
    """Connects one protocol. States: *running*, *over* (the Deferred has fired).

    :param build: makes the protocol, once there is a connection.
    :param timeout: seconds for all of it.
    """

    __slots__ = ("_build", "_connected", "_loop", "_over", "_task", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, build: Callable[[], IProtocol], timeout: float) -> None:
        self._loop = loop
        self._build = build
        self._over = False
        self._connected: Deferred[Any] = Deferred(self._cancel)
        self._timer = loop.call_later(timeout, self._timed_out)

    def __repr__(self) -> str:
        return f"<Attempt {'over' if self._over else 'running'}>"

    def start(self, destination: Destination) -> Deferred[Any]:
        """Begin, and return what fires with the connected protocol."""
        opening = self._open_unix(destination) if isinstance(destination, Unix) else self._open_tcp(destination)
        self._task = self._loop.create_task(opening)
        self._task.add_done_callback(self._ended)
        return self._connected

    def connected(self, transport: NativeTransport) -> None:
        """Build the protocol, connect it, and tell whoever waits."""
        self._timer.cancel()
        if self._over:
            transport.abortConnection()
            return
        self._over = True
        try:
            protocol = self._let_go()()
        except Exception:
            transport.abortConnection()
            self._connected.errback()
            return
        transport.introduce(protocol)
        self._connected.callback(protocol)

    def fail(self, error: BaseException) -> None:
        """Give up, unless whoever waited has given up already."""
        if not self._over:
            self._over = True
            self._let_go()
            self._connected.errback(Failure(error))

    def _let_go(self) -> Callable[[], IProtocol]:
        """Give what builds the protocol, and keep it no longer: what is over may wait for Python's collector."""
        build, self._build = self._build, built_already
        return build

    def _transport(self) -> ConnectedTransport:
        return ConnectedTransport(self._loop, self)

    async def _open_tcp(self, destination: Tcp) -> None:
        """Connect to the first address that takes the connection; the last one's failure is everybody's."""
        host, port = destination.host, destination.port
        addresses = [(host, port)] if is_literal(host) else await self._resolve(host, port)
        while True:
            address = addresses.pop(0)
            try:
                await self._loop.create_connection(self._transport, *address)
                return
            except OSError:
                if not addresses:
                    raise

    async def _resolve(self, host: str, port: int) -> list[tuple[Any, ...]]:
        """Return the addresses of a name, in the system's order."""
        found = await self._loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(address[:2] for *_, address in found))

    async def _open_unix(self, destination: Unix) -> None:
        """Connect; while the listener's queue is full, ask again."""
        while True:
            try:
                await self._loop.create_unix_connection(self._transport, destination.path)
                return
            except BlockingIOError:  # noqa: PERF203 - each turn is one attempt
                await asyncio.sleep(QUEUE_FULL)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._timer.cancel()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.fail(connect_error(error))

    def _timed_out(self) -> None:
        self._task.cancel()
        self.fail(tx.TimeoutError())

    def _cancel(self, _connected: Deferred[Any]) -> None:
        self._over = True
        self._let_go()
        self._timer.cancel()
        self._task.cancel()


def built_already() -> IProtocol:
    """Stand where what builds a protocol was: to keep that would keep all that it knows.

    :raises RuntimeError: always.
    """
    raise RuntimeError("a transport has one protocol")


class ConnectedTransport(NativeTransport):
    """A connection that we opened. A protocol with ``room`` and ``filled`` is read into a buffer of its own.

    uvloop asks both when the protocol is introduced (as of ``asyncio.BufferedProtocol``).
    """

    __slots__ = ("_attempt",)

    def __init__(self, loop: asyncio.AbstractEventLoop, attempt: Attempt) -> None:
        super().__init__(loop)
        self._attempt = attempt

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the leg's options and tell the attempt."""
        super().connection_made(transport)
        name = transport.get_extra_info("sockname")
        if isinstance(name, tuple):
            if name == transport.get_extra_info("peername"):
                self.abortConnection()
                self._attempt.fail(refused(CONNECTED_TO_ITSELF))
                return
            keep_alive_descriptor(self.fileno())
            probe_apart(self.getHandle(), transport.get_extra_info("peername"))
        self._attempt.connected(self)
        del self._attempt

    @property
    def get_buffer(self) -> Callable[[int], memoryview]:
        """What gives room for the bytes that come; an AttributeError where the protocol takes ``dataReceived``."""
        return self._protocol.room  # type: ignore[union-attr,no-any-return]

    @property
    def buffer_updated(self) -> Callable[[int], None]:
        """What is told how many bytes have come into that room."""
        return self._protocol.filled  # type: ignore[union-attr,no-any-return]


def connect_error(error: BaseException) -> BaseException:
    """Return Twisted's error for the system's; a Unix socket that does not exist is a service that does not listen."""
    if isinstance(error, socket.gaierror):
        return tx.DNSLookupError(*error.args)
    if isinstance(error, FileNotFoundError):
        return refused("no such socket")
    return tx.getConnectError(error) if isinstance(error, OSError) else error


def refused(why: str) -> tx.ConnectionRefusedError:
    """Return what a connection fails with when nobody listens."""
    return tx.ConnectionRefusedError(ECONNREFUSED, why)


@lru_cache(maxsize=64)
def is_literal(host: str) -> bool:
    """Return whether ``host`` is an IP address, which needs no resolver."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host.partition("%")[0])  # a scope (RFC 4007 §11) uvloop can deal with
        except OSError:
            continue
        return True
    return False
