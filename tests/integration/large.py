"""Large bodies through a running proxy: peers that count and hash instead of keeping, and what the proxy says of it."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

from tests.integration.live import Internal, Live, Peer, live
from webproxy.net.connect import connect
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from webproxy.message.record import ExchangeRecord
    from webproxy.net.relay import Relay

MIB = 1 << 20
PATIENCE = 30.0
SIZE = 64 * MIB
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
PUT = b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % SIZE
_NOISE = Random(6).randbytes(MIB + 7)  # odd, so that no piece looks like the one before


def noise(size: int) -> bytes:
    """So many bytes, none of them where another could stand."""
    return (_NOISE * (size // len(_NOISE) + 1))[:size]


class Counting(Peer):
    """Takes messages of a known length: heads are kept, bodies hashed.

    :ivar heads: of the messages that came, without their empty line.
    :ivar bodies: (size, SHA-256) of those that are complete.
    :ivar size: bytes of the body that is coming in.
    """

    def __init__(self, reactor: Any) -> None:
        super().__init__(reactor)
        self.heads: list[bytes] = []
        self.bodies: list[tuple[int, bytes]] = []
        self.to_head = False
        self._left: int | None = None
        self._begin()

    def _begin(self) -> None:
        self.size, self._hash, self._left = 0, sha256(), None

    def dataReceived(self, data: bytes) -> None:
        """Take what comes; until close, if no length is given."""
        self.received += data
        while self.received:
            if self._left is None and not self._take_head():
                return
            if self._left is not None and not self._take_body(self._left):
                return

    def _take_head(self) -> bool:
        head, empty, rest = self.received.partition(b"\r\n\r\n")
        if not empty:
            return False
        self.received = rest
        self.heads.append(head)
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        absent = head.startswith((b"GET", b"HEAD")) or self.to_head
        self._left = 0 if absent else int(length[1]) if length else 1 << 62
        return self._take_body(self._left) or True

    def _take_body(self, left: int) -> bool:
        """Take of the body what is here; whether it is complete."""
        data, self.received = self.received[:left], self.received[left:]
        self.size += len(data)
        self._hash.update(data)
        self._left = left - len(data)
        if self._left:
            return False
        self.bodies.append((self.size, self._hash.digest()))
        self._begin()
        self.complete()
        return True

    def complete(self) -> None:
        """A message has come to its end."""

    @property
    def digest(self) -> bytes:
        """Of the body that is coming in."""
        return self._hash.digest()


class Answering(Counting):
    """A service: ``/<size>`` is so much noise, with its length; ``/close/<size>`` until close; PUT says what came."""

    def complete(self) -> None:
        method, target, _ = self.heads[-1].split(b" ", 2)
        size = int(target.rpartition(b"/")[2])
        if method == b"PUT":
            self.says(b"HTTP/1.1 200 OK\r\nContent-Length: 64\r\n\r\n" + self.bodies[-1][1].hex().encode())
        elif method == b"HEAD":
            self.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        elif b"/close/" in target:
            self.says(b"HTTP/1.1 200 OK\r\n\r\n" + noise(size))
            self.link.loseConnection()
        elif first := re.search(rb"(?i)range: bytes=(\d+)-", self.heads[-1]):
            part = noise(size)[int(first[1]) :]
            said = b"bytes %d-%d/%d" % (int(first[1]), size - 1, size)
            head = b"HTTP/1.1 206 Partial Content\r\nContent-Range: %b\r\nContent-Length: %d\r\n\r\n"
            self.says(head % (said, len(part)) + part)
        else:
            self.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size + noise(size))


class Service(Internal):
    """An internal service that answers by itself, or whatever else ``build`` makes."""

    build: Any = Answering

    def buildProtocol(self, addr: object) -> Peer:
        peer: Peer = self.build(self.reactor)
        self.peers.append(peer)
        return peer


class Mute(Service):
    """One whose every byte is the test's."""

    build = Counting


class Large:
    """A proxy, and what it did.

    :ivar records: the exchanges that ended.
    :ivar joined: relays that began.
    """

    def __init__(self, proxy: Live) -> None:
        self.proxy = proxy
        self.reactor = proxy.reactor
        self.records: list[ExchangeRecord] = []
        self.joined: list[Relay] = []
        proxy.service.site.exchange_ended = self.records.append  # type: ignore[assignment]
        relays: Any = proxy.service._relays
        join = relays.join

        def joined(*args: Any, **kwargs: Any) -> Any:
            relay = join(*args, **kwargs)
            if relay is not None:
                self.joined.append(relay)
            return relay

        relays.join = joined

    @property
    def lent(self) -> int:
        """Pipes that are out."""
        return int(self.proxy.service._relays._pipes.lent)

    def choose(self, way: str) -> None:
        """Let bodies go this way from now on."""
        if way == "copied":
            self.proxy.service._relays._pipes._most = 0
        elif way == "by Python":
            self.proxy.service._relays.close()

    async def client(self) -> Counting:
        """A new client connection."""
        port = self.proxy.port
        peer = await connect(self.reactor, Tcp("127.0.0.1", port), lambda: Counting(self.reactor), PATIENCE)
        assert isinstance(peer, Counting)
        return peer

    async def record(self) -> ExchangeRecord:
        """The only exchange, once it has ended."""
        client = Peer(self.reactor)
        await client.until(lambda: bool(self.records), PATIENCE)
        (record,) = self.records
        return record


@asynccontextmanager
async def large(reactor: Any, inside: type[Service] = Service, **given: Any) -> AsyncIterator[Large]:
    """A proxy in front of a service, by default of one that answers; no pipe may be out in the end."""
    async with live(reactor, inside(reactor), **given) as proxy:
        the = Large(proxy)
        yield the
    assert the.lent == 0, "a pipe was kept"
    assert not any(relay.running for relay in the.joined)


async def under_way(the: Large, way: str, request: bytes, answer: bytes = b"") -> tuple[Counting, Any]:
    """A body is on its way; the client, and the service."""
    the.choose(way)
    client = await the.client()
    client.says(request + (noise(8 * MIB) if request is PUT else b""))
    service: Any = await the.proxy.internal.peer()
    await service.until(lambda: bool(service.heads))
    if answer:
        service.says(answer + noise(8 * MIB))
    hearer = client if answer else service
    await hearer.until(lambda: hearer.size == 8 * MIB, PATIENCE)
    assert len(the.joined) == (way != "by Python")
    return client, service
