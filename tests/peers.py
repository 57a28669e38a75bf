"""Both ends of a real connection: ours records what its transport tells it, the far one is a bare socket.

A bare socket, because it does exactly what the test says: reads late, closes one side, resets.
"""

from __future__ import annotations

import socket
import struct
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol, IPullProducer, IPushProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.logger import ILogObserver, LogEvent, LogLevel, globalLogPublisher
from zope.interface import implementer

from webproxy.net.listen import bind_tcp, listen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from twisted.python.failure import Failure

PATIENCE = 5.0
"""Seconds until a test gives up waiting."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER that turns a close into a reset."""


async def until(reactor: Any, condition: Callable[[], object], what: str) -> None:
    """Wait until ``condition`` holds; fail naming ``what`` did not happen."""
    deadline = reactor.seconds() + PATIENCE
    while not condition():
        assert reactor.seconds() < deadline, f"{what}: not within {PATIENCE} s"
        await deferLater(reactor, 0.002)


class Recorder(Protocol):
    """Writes down what its transport tells it."""

    def __init__(self) -> None:
        self.received = b""
        self.events: list[str] = []
        self.reason: Any = None

    def connectionMade(self) -> None:
        self.events.append("made")

    def dataReceived(self, data: bytes) -> None:
        self.received += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.events.append("lost")
        self.reason = reason.value

    @property
    def lost(self) -> bool:
        return "lost" in self.events


@implementer(IHalfCloseableProtocol)
class HalfRecorder(Recorder):
    """Wants to know when one side closes."""

    def readConnectionLost(self) -> None:
        self.events.append("read side closed")

    def writeConnectionLost(self) -> None:
        self.events.append("write side closed")


@implementer(IPushProducer)
class PushSource:
    """Writes down when it is paused."""

    def __init__(self) -> None:
        self.events: list[str] = []

    def pauseProducing(self) -> None:
        self.events.append("pause")

    def resumeProducing(self) -> None:
        self.events.append("resume")

    def stopProducing(self) -> None:
        self.events.append("stop")


@implementer(IPullProducer)
class PullSource:
    """Writes one piece each time it is asked, then unregisters."""

    def __init__(self, consumer: Any, pieces: list[bytes]) -> None:
        self.consumer = consumer
        self.pieces = pieces
        self.events: list[str] = []

    def resumeProducing(self) -> None:
        self.events.append("asked")
        self.consumer.write(self.pieces.pop(0))
        if not self.pieces:
            self.consumer.unregisterProducer()

    def stopProducing(self) -> None:
        self.events.append("stop")


class FarEnd:
    """The other end of a connection: a bare socket."""

    def __init__(self, reactor: Any, sock: socket.socket) -> None:
        self._reactor = reactor
        self.sock = sock
        sock.setblocking(False)

    def say(self, data: bytes) -> None:
        self.sock.sendall(data)

    def finish(self) -> None:
        """Close the writing side."""
        self.sock.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self.sock.close()

    async def read(self, size: int = 65536) -> bytes:
        """Return what comes next, at most ``size`` bytes; nothing at the end."""
        deadline = self._reactor.seconds() + PATIENCE
        while True:
            try:
                return self.sock.recv(size)
            except BlockingIOError:  # noqa: PERF203 - each turn is one attempt
                assert self._reactor.seconds() < deadline, f"nothing to read within {PATIENCE} s"
                await deferLater(self._reactor, 0.001)

    async def read_exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = await self.read(size - len(data))
            assert piece, f"the end came after {len(data)} of {size} bytes"
            data += piece
        return data

    async def read_to_end(self) -> bytes:
        pieces = []
        while piece := await self.read():
            pieces.append(piece)
        return b"".join(pieces)


class Accepting(Factory):
    """Keeps what it built."""

    noisy = False

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self.protocols: list[Any] = []
        self.addresses: list[Any] = []

    def buildProtocol(self, addr: Any) -> Any:
        self.addresses.append(addr)
        protocol = self._build()
        if protocol is not None:
            self.protocols.append(protocol)
        return protocol


class Served:
    """A listening socket of ours and the connections it took."""

    def __init__(self, reactor: Any, build: Callable[[], Any], address: str) -> None:
        self._reactor = reactor
        self._factory = Accepting(build)
        self._sock = bind_tcp(0, [address])[0]
        self._peers: list[FarEnd] = []
        self.name = self._sock.getsockname()
        self.protocols = self._factory.protocols
        self.addresses = self._factory.addresses
        self.listening = listen(reactor, self._factory, self._sock)

    def dial(self, *, receive_buffer: int = 0) -> FarEnd:
        """Connect a bare socket, with a small receive buffer if asked."""
        sock = socket.socket(self._sock.family)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._peers.append(FarEnd(self._reactor, sock))
        sock.setblocking(True)
        sock.connect(self.name)
        sock.setblocking(False)
        return self._peers[-1]

    async def connected(self, *, receive_buffer: int = 0) -> tuple[Any, FarEnd]:
        """Return both ends of a new connection."""
        before = len(self.protocols)
        peer = self.dial(receive_buffer=receive_buffer)
        await until(self._reactor, lambda: len(self.protocols) > before, "a connection was accepted")
        return self.protocols[-1], peer

    async def close(self) -> None:
        await self.listening.stop()
        for peer in self._peers:
            peer.close()
        for protocol in self.protocols:
            if not protocol.lost:
                protocol.transport.abortConnection()
        await until(self._reactor, lambda: all(protocol.lost for protocol in self.protocols), "all connections ended")


@asynccontextmanager
async def serving(
    reactor: Any, build: Callable[[], Any] = Recorder, address: str = "127.0.0.1"
) -> AsyncIterator[Served]:
    """Listen on loopback; in the end nothing of it is left."""
    served = Served(reactor, build, address)
    try:
        yield served
    finally:
        await served.close()


@contextmanager
def logged_failures() -> Iterator[list[BaseException]]:
    """Collect the exceptions that were logged meanwhile."""
    failures: list[BaseException] = []

    @implementer(ILogObserver)
    def observe(event: LogEvent) -> None:
        if event["log_level"] in {LogLevel.error, LogLevel.critical}:
            failure = event.get("log_failure") or event.get("failure")
            failures.append(failure.value if failure else RuntimeError(str(event)))

    globalLogPublisher.addObserver(observe)
    try:
        yield failures
    finally:
        globalLogPublisher.removeObserver(observe)
