"""Mixed traffic: what clients of a GPU service do, at a rate that leaves the machine usable, and how they misbehave.

Each kind of client is a coroutine that comes once, does its part, and leaves, in one of the ways in which clients
leave: after the end, in the middle, with a reset. Half of them come through the router. What happened is counted by
kind and outcome; an outcome is a status, or in which way it went wrong. While the service is dead, much does.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from bench import login
from bench.certificate import client as tls_context
from bench.upstream.sockets import MASK, frame

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PATIENCE = 40.0
MIB = 1 << 20
BODY = 16 * MIB
PIECE = bytes(65536)
RESET = struct.pack("ii", 1, 0)
WRONG = b"Authorization: Basic YW5uYTp3cm9uZw=="
CHAT = b'{"model":"demo","stream":true,"messages":[{"role":"user","content":"Say something."}]}'
UPGRADE = (
    b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)


class CutError(ConnectionError):
    """The other end left in the middle."""


@dataclass
class Mixed:
    """Where clients go, and what became of them."""

    port: int
    edge_port: int
    name: str
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    chance: random.Random = field(default_factory=lambda: random.Random(13))
    came: int = 0

    async def come(self, kind: str) -> None:
        """One client of this kind."""
        self.came += 1
        try:
            outcome = await asyncio.wait_for(KINDS[kind](self), PATIENCE)
        except (OSError, asyncio.IncompleteReadError) as error:
            outcome = type(error).__name__
        self.outcomes[kind, outcome] += 1


class Wire:
    """A connection of a client, from an address of its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader = reader
        self.writer = writer
        self.host = host.encode()

    @classmethod
    async def open(cls, mixed: Mixed) -> Wire:
        source = f"127.0.{mixed.came % 50}.{mixed.came % 199 + 1}"
        through = mixed.chance.random() < 0.5
        secure: dict[str, Any] = {"ssl": tls_context(), "server_hostname": mixed.name} if through else {}
        port = mixed.edge_port if through else mixed.port
        opened = asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0), limit=1 << 18, **secure)
        return cls(*await opened, f"{mixed.name if through else '127.0.0.1'}:{port}")

    async def ask(self, line: bytes, *fields: bytes, body: bytes = b"", credentials: bytes = login.FIELD) -> None:
        head = b"\r\n".join((line + b" HTTP/1.1", b"Host: " + self.host, credentials, *fields))
        length = b"\r\nContent-Length: %d" % len(body) if body else b""
        self.writer.write(head + length + b"\r\n\r\n" + body)
        await self.writer.drain()

    async def head(self) -> tuple[str, bytes]:
        """The answer's status, and its head."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        return head[9:12].decode("ascii", "replace"), head.lower()

    async def rest(self, head: bytes) -> None:
        """The body of an answer, thrown away."""
        if b"transfer-encoding: chunked" in head:
            while size := int((await self.reader.readuntil(b"\r\n")).split(b";")[0], 16):
                await self.reader.readexactly(size + 2)
            await self.reader.readuntil(b"\r\n")
        elif b"content-length: " in head:
            await self.some(int(head.partition(b"content-length: ")[2].split(b"\r\n")[0]))

    async def some(self, count: int, pause: float = 0.0) -> None:
        """So many bytes, thrown away; ``pause`` seconds between two reads."""
        while count:
            piece = await self.reader.read(min(count, 65536))
            if not piece:
                raise CutError
            count -= len(piece)
            if pause:
                await asyncio.sleep(pause)

    async def answer(self) -> str:
        status, head = await self.head()
        await self.rest(head)
        return status

    def leave(self, *, rudely: bool = False) -> None:
        """Close, or reset."""
        if rudely:
            sock: socket.socket | None = self.writer.get_extra_info("socket")
            if sock is not None:  # else the connection is gone already
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            cast("asyncio.Transport", self.writer.transport).abort()
        else:
            self.writer.close()


async def keeping(mixed: Mixed) -> str:
    """Asks a few times on one connection, with heads that differ."""
    wire = await Wire.open(mixed)
    try:
        status = ""
        for _ in range(mixed.chance.randrange(1, 40)):
            fields = (b"Cookie: n=%d" % mixed.chance.randrange(10**9), b"Accept: */*")
            await wire.ask(b"GET /api/version?%d" % mixed.chance.randrange(10**9), *fields)
            status = await wire.answer()
            await asyncio.sleep(0.05)
        return status
    finally:
        wire.leave()


async def pipelining(mixed: Mixed) -> str:
    """Asks three times at once, and may not wait for the answers."""
    wire = await Wire.open(mixed)
    try:
        for _ in range(3):
            await wire.ask(b"GET /v1/models")
        patient = mixed.chance.random() < 0.5
        status = ""
        for _ in range(3 if patient else 1):
            status = await wire.answer()
        return status
    finally:
        wire.leave(rudely=mixed.chance.random() < 0.3)


async def guessing(mixed: Mixed) -> str:
    """Has no password, or a wrong one."""
    wire = await Wire.open(mixed)
    try:
        credentials = WRONG if mixed.chance.random() < 0.3 else b"X-Nothing: 1"
        await wire.ask(b"GET /", b"Accept: text/html", credentials=credentials)
        return await wire.answer()
    finally:
        wire.leave()


async def streaming(mixed: Mixed) -> str:
    """Reads events to the end, or leaves when it has seen enough."""
    wire = await Wire.open(mixed)
    try:
        if mixed.chance.random() < 0.5:
            await wire.ask(b"GET /events?count=100&interval=0.05", b"Accept: text/event-stream")
        else:
            fields = (b"Content-Type: application/json",)
            await wire.ask(b"POST /v1/chat/completions?interval=0.03", *fields, body=CHAT)
        status, head = await wire.head()
        if status == "200" and mixed.chance.random() < 0.5:
            await wire.some(mixed.chance.randrange(1, 2000))
            return "left"
        await wire.rest(head)
        return status
    finally:
        wire.leave(rudely=mixed.chance.random() < 0.3)


async def downloading(mixed: Mixed) -> str:
    """Takes a body fast, or slowly, or not all of it."""
    wire = await Wire.open(mixed)
    try:
        await wire.ask(b"GET /download?size=%d" % BODY)
        status, head = await wire.head()
        way = mixed.chance.choice(("whole", "cut", "slow"))
        if status != "200" or way == "whole":
            await wire.rest(head)
            return status
        await wire.some(mixed.chance.randrange(1, BODY // (8 if way == "slow" else 1)), 0.1 if way == "slow" else 0.0)
        return way
    finally:
        wire.leave(rudely=mixed.chance.random() < 0.3)


async def uploading(mixed: Mixed) -> str:
    """Sends a body, or leaves before its end."""
    wire = await Wire.open(mixed)
    try:
        size = mixed.chance.randrange(1, BODY)
        await wire.ask(b"PUT /upload", b"Content-Length: %d" % size)
        sent, cut = 0, mixed.chance.randrange(size) if mixed.chance.random() < 0.4 else size
        while sent < cut:
            piece = PIECE[: cut - sent]
            wire.writer.write(piece)
            await wire.writer.drain()
            sent += len(piece)
        return "cut" if sent < size else await wire.answer()
    finally:
        wire.leave(rudely=mixed.chance.random() < 0.3)


async def talking(mixed: Mixed) -> str:
    """Opens a WebSocket, sends messages that come back, and says goodbye, or does not."""
    wire = await Wire.open(mixed)
    try:
        await wire.ask(b"GET /echo", UPGRADE.rstrip())
        status, head = await wire.head()
        if status != "101":
            await wire.rest(head)
            return status
        size = mixed.chance.choice((10, 4096, 65536))
        for _ in range(mixed.chance.randrange(1, 60)):
            wire.writer.write(frame(size, MASK))
            await wire.reader.readexactly(len(frame(size)))
            await asyncio.sleep(0.05)
        if mixed.chance.random() < 0.5:
            wire.writer.write(b"\x88\x82" + MASK + bytes((0x03 ^ MASK[0], 0xE8 ^ MASK[1])))
            await wire.reader.read(100)
        return status
    finally:
        wire.leave(rudely=mixed.chance.random() < 0.3)


async def muttering(mixed: Mixed) -> str:
    """Says what is no request, or not a whole one, or nothing."""
    wire = await Wire.open(mixed)
    try:
        said = mixed.chance.choice(
            (b"\x16\x03\x01 nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET /a", b"")
        )
        wire.writer.write(said)
        if said.endswith(b"\r\n\r\n"):
            status, head = await wire.head()
            await wire.rest(head)
            return status
        await asyncio.sleep(1)
        return "left"
    finally:
        wire.leave(rudely=mixed.chance.random() < 0.3)


KINDS: dict[str, Callable[[Mixed], Awaitable[str]]] = {
    one.__name__: one for one in (keeping, pipelining, guessing, streaming, downloading, uploading, talking, muttering)
}
WEIGHTS = {
    "keeping": 4.0,
    "pipelining": 1.0,
    "guessing": 0.5,
    "streaming": 2.0,
    "downloading": 0.7,
    "uploading": 0.5,
    "talking": 1.5,
    "muttering": 0.5,
}
"""How many of each come in a second."""


async def press(mixed: Mixed, seconds: float, rate: float = 1.0) -> None:
    """Let clients come, at random moments, for so long; then wait until the last has left.

    :param rate: multiplies ``WEIGHTS``.
    """
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    running: set[asyncio.Task[None]] = set()
    while loop.time() < until:
        await asyncio.sleep(mixed.chance.expovariate(sum(weights) * rate))
        task = asyncio.ensure_future(mixed.come(mixed.chance.choices(names, weights)[0]))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running, timeout=PATIENCE + 5)
