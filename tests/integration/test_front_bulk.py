"""Many large answers at once through the buffer that all passages share: nobody gets a byte of another's."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.defer import gatherResults
from twisted.internet.threads import deferToThread

from tests.integration.edge import NAME, edge, machine, until

if TYPE_CHECKING:
    import ssl
    from pathlib import Path

AT_ONCE = 6
SIZE = 6 << 20


def content(number: int) -> bytes:
    return hashlib.sha256(bytes([number])).digest() * (SIZE // 32)


def takes(client: ssl.SSLSocket, number: int) -> str:
    """Read it all, in large pieces or small, in a hurry or with rests."""
    seen, left = hashlib.sha256(), SIZE
    while left:
        piece = client.recv(min(left, 1 << (12 + number)))
        assert piece, f"{left} bytes are missing"
        seen.update(piece)
        left -= len(piece)
        if number % 2 and left % 7 == 0:
            time.sleep(0.002)
    return seen.hexdigest()


@pytest_twisted.ensureDeferred
async def test_many_at_once(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        clients, taking = [], []
        for number in range(AT_ONCE):
            clients.append(await deferToThread(at.dial, NAME))
            upstream = await internal.peer(number)
            taking.append(deferToThread(takes, clients[-1], number))
            upstream.says(content(number))
        told = await gatherResults(taking)
        assert told == [hashlib.sha256(content(number)).hexdigest() for number in range(AT_ONCE)]
        for client in clients:
            client.close()
        await until(reactor, lambda: at.front.connections == 0)
        assert at.front.traffic.total().sent >= AT_ONCE * SIZE
        assert not at.front._crowd
