"""An internal service that answers by itself: requests in, as values; what a function makes of them, out.

It keeps connections, takes bodies with a length or in chunks, echoes bytes once it has switched to WebSocket, and
remembers every request it saw, so that a test can tell one from two.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha1
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.integration.live import Internal, Peer
from webproxy.message.chunked import ChunkScanner

if TYPE_CHECKING:
    from collections.abc import Callable


class Asked(NamedTuple):
    """A request as the service saw it.

    :ivar fields: by lower-case name; repeated ones joined by a comma.
    """

    method: str
    target: str
    fields: dict[str, str]
    body: bytes = b""


class Told(NamedTuple):
    """An answer. A status of 101 switches to WebSocket."""

    status: int
    body: bytes = b""
    fields: tuple[tuple[str, str], ...] = ()


class Answering(Internal):
    """The service.

    :param answer: request -> answer.
    :ivar asked: every request, in the order in which they came.
    """

    def __init__(self, reactor: Any, answer: Callable[[Asked], Told]) -> None:
        super().__init__(reactor)
        self.answer = answer
        self.asked: list[Asked] = []

    def buildProtocol(self, addr: object) -> Peer:
        peer = AnsweringPeer(self)
        self.peers.append(peer)
        return peer


class AnsweringPeer(Peer):
    """One connection of it."""

    def __init__(self, service: Answering) -> None:
        super().__init__(service.reactor)
        self._service = service
        self._switched = False

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        if self._switched:
            self.says(data)
            return
        while (asked := self._next()) is not None:
            self._service.asked.append(asked)
            self._tell(asked, self._service.answer(asked))

    def _next(self) -> Asked | None:
        """Take the next whole request out of what was received."""
        block, end, rest = self.received.partition(b"\r\n\r\n")
        if not end:
            return None
        first, *lines = block.decode().split("\r\n")
        method, target, _ = first.split(" ")
        fields: dict[str, str] = {}
        for line in lines:
            name, _, value = line.partition(": ")
            name = name.lower()
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        body = rest[: int(fields.get("content-length", "0"))]
        taken = len(body)
        if "transfer-encoding" in fields:
            scanner = ChunkScanner()
            body, taken = scanner.decode(rest)
            if not scanner.done:
                return None
        elif taken < int(fields.get("content-length", "0")):
            return None
        self.received = rest[taken:]
        return Asked(method, target, fields, body)

    def _tell(self, asked: Asked, told: Told) -> None:
        lines = [f"HTTP/1.1 {told.status} X", *(f"{name}: {value}" for name, value in told.fields)]
        if told.status == 101:
            self._switched = True
            lines += ["Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Accept: {acceptance(asked)}"]
        else:
            lines.append(f"Content-Length: {len(told.body)}")
        body = b"" if asked.method == "HEAD" else told.body
        self.says("\r\n".join([*lines, "", ""]).encode() + body)


def acceptance(asked: Asked) -> str:
    """The proof that a handshake was read (RFC 6455 §4.2.2)."""
    key = asked.fields["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    return b64encode(sha1(key.encode()).digest()).decode()
