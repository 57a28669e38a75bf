"""The internal service of the WebSocket rows: answers each message with one of the same size (RFC 6455).

It must stay cheaper than any proxy in front of it, so it counts bytes: a connection says in its path how long its
messages are, ``/4096``, and each sends no other. ``python -m bench.upstream.sockets PORT`` serves until it is killed.
"""

from __future__ import annotations

import asyncio
import base64
import gc
import hashlib
import re
import sys
from typing import TYPE_CHECKING, cast

import uvloop

if TYPE_CHECKING:
    from collections.abc import Callable

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
BINARY = 0x82  # FIN, and opcode 2 (§5.2)
MASK = b"\x12\x34\x56\x78"
KEY = re.compile(rb"\r\nsec-websocket-key: *([^\r]+)", re.IGNORECASE)
HERE = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
SIZE = re.compile(rb"^GET /(\d+) ")


def frame(size: int, mask: bytes = b"") -> bytes:
    """A message of so many bytes in one frame; what is in it does not matter."""
    bit = 0x80 if mask else 0
    if size < 126:
        head = bytes((BINARY, bit | size))
    elif size < 1 << 16:
        head = bytes((BINARY, bit | 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((BINARY, bit | 127)) + size.to_bytes(8, "big")
    return head + mask + bytes(size)


def accept(head: bytes) -> bytes:
    """The answer to an opening handshake (§4.2.2)."""
    key = KEY.search(head)
    digest = hashlib.sha1((key[1] if key else b"") + GUID, usedforsecurity=False).digest()
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: %b\r\n\r\n" % base64.b64encode(digest)
    )


class Answering(asyncio.Protocol):
    """One connection: a handshake, then a message for each message."""

    def __init__(self) -> None:
        self.head = b""
        self.due = self.whole = 0
        self.answer = b""
        self.write: Callable[[bytes], None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = cast("asyncio.Transport", transport).write

    def data_received(self, data: bytes) -> None:
        if not self.answer:
            self.head += data
            head, end, rest = self.head.partition(b"\r\n\r\n")
            if not end:
                return
            if not KEY.search(head):  # whoever asks whether we are here
                self.head = rest
                self.write(HERE)
                return
            asked = SIZE.match(head)
            size = int(asked[1]) if asked else 64
            self.answer = frame(size)
            self.due = self.whole = len(frame(size, MASK))
            self.write(accept(head))
            data = rest
        self.due -= len(data)
        while self.due <= 0:
            self.due += self.whole
            self.write(self.answer)


async def serve(port: int) -> None:
    gc.disable()
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
