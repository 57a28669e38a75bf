"""The demo service without a socket: a client says, time passes, the client sees."""

from __future__ import annotations

import json
from typing import Any, cast

from twisted.internet.address import IPv4Address
from twisted.internet.error import ConnectionLost
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from webproxy.demo.site import make_site


class Pool:
    """Threads that do their work at once."""

    def callInThreadWithCallback(self, tell: Any, work: Any, *arguments: Any) -> None:  # noqa: N802 - Twisted's name
        tell(True, work(*arguments))


class Reactor(MemoryReactorClock):
    """Time in our hands; what would come from a thread comes with :meth:`run_threads`."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[Any] = []

    def getThreadPool(self) -> Pool:  # noqa: N802 - Twisted's name
        return Pool()

    def callFromThread(self, call: Any, *arguments: Any) -> None:
        self._calls.append((call, arguments))

    def run_threads(self) -> None:
        calls, self._calls = self._calls, []
        for call, arguments in calls:
            call(*arguments)


class Wire(StringTransport):
    """A transport that remembers what was written.

    :ivar producer: whoever it tells of a full buffer.
    :ivar small: every write fills the buffer.
    """

    producer: Any

    def __init__(self) -> None:
        super().__init__(
            hostAddress=IPv4Address("TCP", "127.0.0.1", 8080), peerAddress=IPv4Address("TCP", "127.0.0.1", 5555)
        )
        self.small = False

    def write(self, data: bytes) -> None:
        super().write(data)
        if self.small:
            self.producer.pauseProducing()

    def writeSequence(self, data: Any) -> None:
        self.write(b"".join(data))


class Client:
    """One connection to the service."""

    def __init__(self, service: Service) -> None:
        self.transport = Wire()
        self.channel: Any = service.site.buildProtocol(None)
        self.channel.makeConnection(self.transport)

    def says(self, data: bytes) -> None:
        """Bytes on the wire."""
        self.channel.dataReceived(data)

    def asks(self, method: str, target: str, body: bytes = b"", **fields: str) -> None:
        """A whole request; a field's name is written with ``_`` for ``-``."""
        named = {"host": "demo", **fields, **({"content_length": str(len(body))} if body else {})}
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in named.items()]
        self.says("\r\n".join([f"{method} {target} HTTP/1.1", *lines, "", ""]).encode() + body)

    def leaves(self) -> None:
        """The connection is gone."""
        self.channel.connectionLost(Failure(ConnectionLost()))

    def full(self) -> None:
        """It does not keep up: the transport tells whoever writes to it."""
        self.transport.producer.pauseProducing()

    def drained(self) -> None:
        """It has caught up."""
        self.transport.producer.resumeProducing()

    def takes(self) -> bytes:
        """What has arrived since the last time."""
        data: bytes = self.transport.value()
        self.transport.clear()
        return data

    def sees(self) -> Answer:
        """What has arrived since the last time, as an answer with its head."""
        return Answer(self.takes())


class Answer:
    """An answer as far as it got; chunks are put together.

    :ivar status: its status code.
    :ivar fields: its fields, names in lower case.
    :ivar chunks: the body in the pieces in which it was sent.
    :ivar complete: whether the last chunk, or as many bytes as announced, are there.
    """

    def __init__(self, data: bytes) -> None:
        head, _, body = data.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        self.status = int(status.split()[1])
        self.fields = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        if "transfer-encoding" in self.fields:
            self.chunks, self.complete = chunks(body)
        else:
            self.chunks = [body]
            self.complete = len(body) == int(self.fields.get("content-length", "0"))

    @property
    def body(self) -> bytes:
        return b"".join(self.chunks)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def chunks(data: bytes) -> tuple[list[bytes], bool]:
    """The chunks of a body or of a part of one, and whether the last one is among them (RFC 9112 §7.1)."""
    found: list[bytes] = []
    while data:
        size, _, rest = data.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return found, True
        found.append(rest[:length])
        data = rest[length + 2 :]
    return found, False


class Service:
    """The demo service on a memory reactor."""

    def __init__(self) -> None:
        self.reactor = Reactor()
        self.site = make_site(cast("Any", self.reactor))
        self.tallies = self.site.tallies

    def client(self) -> Client:
        """A new connection."""
        return Client(self)

    def advance(self, seconds: float) -> None:
        """Time passes."""
        self.reactor.advance(seconds)
