"""A running proxy before a service that writes down every byte it gets, and answers what it is told to answer."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from tests.independent import Message, answers
from tests.integration.live import Internal, Live, Peer, live

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

NEXT = b"GET /next HTTP/1.1\r\nHost: next.example\r\nX-Request-Id: next\r\n\r\n"
ITS_ANSWER = b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 21:13:52 GMT\r\nContent-Length: 4\r\n\r\nnext"


class Scribe(Internal):
    """The service.

    :ivar heard: all that came in since this was last cleared, over whichever connection.
    :ivar answer: what every head is answered with, at once.
    :ivar pen: the connection that something came in over last.
    """

    pen: Pen

    def __init__(self, reactor: Any) -> None:
        super().__init__(reactor)
        self.heard = b""
        self.answer = ITS_ANSWER

    def buildProtocol(self, addr: object) -> Pen:
        pen = Pen(self)
        self.peers.append(pen)
        return pen


class Pen(Peer):
    """One connection to the service."""

    def __init__(self, scribe: Scribe) -> None:
        super().__init__(scribe.reactor)
        self.scribe = scribe

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        self.scribe.heard += data
        self.scribe.pen = self
        if self.scribe.heard.endswith(b"\r\n\r\n"):
            self.says(self.scribe.answer)


class Desk:
    """The proxy, and the service behind it."""

    def __init__(self, proxy: Live, scribe: Scribe) -> None:
        self.proxy = proxy
        self.scribe = scribe

    def forwarded(self, start: bytes, host: bytes, identity: bytes, *fields: bytes) -> bytes:
        """A request's head as it reaches the service, byte for byte."""
        lines = [
            start,
            b"Host: " + host,
            *fields,
            b"Via: 1.1 webproxy",
            b"X-Forwarded-For: 127.0.0.1",
            b"X-Real-IP: 127.0.0.1",
            b"X-Forwarded-Proto: http",
            b"X-Forwarded-Host: " + host,
            b"X-Forwarded-Port: %d" % self.proxy.port,
            b"Forwarded: for=127.0.0.1;host=%b;proto=http" % host,
            b"X-Request-Id: " + identity,
        ]
        return b"\r\n".join((*lines, b"", b""))

    async def asks(self, data: bytes) -> Peer:
        """A new client says something, and from here on it is written down what the service hears."""
        self.scribe.heard = b""
        client = await self.proxy.client()
        client.says(data)
        return client

    async def next_is_fine(self) -> None:
        """The next client gets its own answer, and the service saw its request and nothing else since."""
        self.scribe.answer = ITS_ANSWER
        client = await self.asks(NEXT)
        await client.until(lambda: client.received.endswith(b"next"))
        assert client.received == ITS_ANSWER
        assert self.scribe.heard == self.forwarded(b"GET /next HTTP/1.1", b"next.example", b"next")
        client.link.abortConnection()


@contextlib.asynccontextmanager
async def desk(reactor: Any, **given: Any) -> AsyncIterator[Desk]:
    """A running proxy, and the service behind it."""
    scribe = Scribe(reactor)
    async with live(reactor, scribe, **given) as proxy:
        yield Desk(proxy, scribe)


def only_answer(data: bytes, method: bytes = b"GET") -> Message:
    """The one answer that these bytes are, to a reader that is not ours; nothing may follow it."""
    (answer,) = answers(data, [method])
    assert answer.complete, data
    return answer
