"""A proxy on real sockets, with a client and an internal service whose every byte is the test's."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater

from bench.ports import free_port
from webproxy.net.connect import connect
from webproxy.net.destination import Tcp
from webproxy.net.listen import bind_tcp, listen
from webproxy.service import ProxyService, make_service
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from twisted.python.failure import Failure

PATIENCE = 10.0
"""Seconds that anything may take on a busy machine."""


class Peer(Protocol):
    """One end of a connection, in the test's hands.

    :ivar total: bytes that came in, ever.
    :ivar pieces: what came in, piece by piece, each with its moment.
    :ivar ended: when the connection ended (``time.monotonic``); ``None`` while it stands.
    """

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self._received = b""
        self._fresh: list[bytes] = []
        self.total = 0
        self.pieces: list[tuple[float, bytes]] = []
        self.ended: float | None = None
        self.reason: Failure | None = None

    def dataReceived(self, data: bytes) -> None:
        self.total += len(data)
        self._fresh.append(data)
        self.pieces.append((monotonic(), data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended = monotonic()
        self.reason = reason

    @property
    def received(self) -> bytes:
        """What came in and has not been taken yet.

        It is put together when somebody looks: with each piece of 40 MB that took minutes on a busy machine.
        """
        if self._fresh:
            self._received += b"".join(self._fresh)
            self._fresh.clear()
        return self._received

    @received.setter
    def received(self, rest: bytes) -> None:
        self._received = rest
        self._fresh.clear()

    def says(self, data: bytes) -> None:
        """Send."""
        self.link.write(data)

    @property
    def link(self) -> Any:
        """The transport."""
        return self.transport

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until ``condition`` holds."""
        deadline = monotonic() + seconds
        while not condition():
            assert monotonic() < deadline, f"waited {seconds} s; received {self.received[:2000]!r}, ended {self.ended}"
            await deferLater(self.reactor, 0.002, lambda: None)

    async def hears(self, end: bytes) -> bytes:
        """Wait for bytes that end with ``end``, and take them."""
        await self.until(lambda: end in self.received)
        heard, _, rest = self.received.partition(end)
        self.received = rest
        return heard + end

    async def gone(self, seconds: float = PATIENCE) -> float:
        """Wait for the end of the connection; when it was."""
        await self.until(lambda: self.ended is not None, seconds)
        assert self.ended is not None
        return self.ended


class Internal(Factory):
    """An internal service: keeps every connection for the test."""

    noisy = False

    def __init__(self, reactor: Any) -> None:
        self.reactor = reactor
        self.peers: list[Peer] = []

    def buildProtocol(self, addr: object) -> Peer:
        peer = Peer(self.reactor)
        self.peers.append(peer)
        return peer

    async def peer(self, index: int = -1) -> Peer:
        """The connection with this index, once it stands."""
        deadline = monotonic() + PATIENCE
        while len(self.peers) <= max(index, 0):
            assert monotonic() < deadline, f"{len(self.peers)} connections came, not {index + 1}"
            await deferLater(self.reactor, 0.002, lambda: None)
        return self.peers[index]


class Live:
    """A proxy that runs, and what is on both sides of it."""

    def __init__(self, reactor: Any, service: ProxyService, internal: Internal, port: int) -> None:
        self.reactor = reactor
        self.service = service
        self.internal = internal
        self.port = port

    async def client(self) -> Peer:
        """A new client connection."""
        peer = await connect(self.reactor, Tcp("127.0.0.1", self.port), lambda: Peer(self.reactor), PATIENCE)
        assert isinstance(peer, Peer)
        return peer

    def bounded(self, **limits: Any) -> None:
        """Other limits hold for what clients do from now on."""
        self.service.site.limits = replace(self.service.site.limits, **limits)

    def deserted(self) -> None:
        """From now on nothing listens where the service was."""
        self.service.pool._destinations[:] = [Tcp("127.0.0.1", free_port())]

    async def passes(self, seconds: float) -> None:
        """Let time pass."""
        await deferLater(self.reactor, seconds, lambda: None)


@contextlib.asynccontextmanager
async def live(reactor: Any, inside: Internal | None = None, **given: Any) -> AsyncIterator[Live]:
    """A running proxy in front of an internal service of the test's; ``given`` are settings."""
    internal = inside or Internal(reactor)
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    behind: int = sock.getsockname()[1]
    listening = listen(reactor, internal, sock)
    port = free_port()
    values: dict[str, Any] = {
        "internal": (Tcp("127.0.0.1", behind),),
        "port": port,
        "listen": ("127.0.0.1",),
        "access_log": "none",
        "admin": "none",
        "drain": 0.2,
        "upstream_host": "preserve",
        **given,
    }
    service = make_service(Settings(**values), reactor)
    service.startService()
    try:
        yield Live(reactor, service, internal, port)
    finally:
        stopped = service.stopService()
        assert isinstance(stopped, Deferred)
        await stopped
        await listening.stop()
        for peer in internal.peers:
            peer.link.abortConnection()
        await deferLater(reactor, 0.01, lambda: None)
