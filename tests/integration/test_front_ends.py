"""How connections through the router end: early answers are heard, and a name that is switched off is cut."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.integration.edge import DOMAIN, NAME, edge, machine, received, until

if TYPE_CHECKING:
    from pathlib import Path

ANSWER = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 5\r\n\r\nlarge"


@pytest_twisted.ensureDeferred
async def test_an_early_answer_reaches_a_client_that_is_still_sending(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        for turn in range(3):
            client = await deferToThread(at.dial, NAME)
            upstream = await internal.peer(turn)

            def sends(client: Any = client) -> None:
                with contextlib.suppress(OSError):
                    for _ in range(200):
                        client.sendall(bytes(65536))

            sending = deferToThread(sends)
            while upstream.total < 1 << 20:
                await deferLater(reactor, 0.01, lambda: None)
            upstream.says(ANSWER)
            upstream.link.loseWriteConnection()  # and it reads on for a while, as machines do
            assert await deferToThread(received, client) == ANSWER
            client.close()
            await sending
            await until(reactor, lambda: at.front.connections == 0)
            await deferLater(reactor, 0, lambda: None)


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_switched_off_or_taken_away_is_cut(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        for label in ("app-fox-chi", "web-fox-chi"):
            at.has(label, port)
        for turn, change in enumerate(("blocked", "taken away")):
            at.has("app-fox-chi", port)
            client = await deferToThread(at.dial, NAME)
            upstream = await internal.peer(2 * turn)
            other = await deferToThread(at.dial, f"web-fox-chi.{DOMAIN}")
            others = await internal.peer(2 * turn + 1)
            at.front.cut(at.names.get)
            await deferLater(reactor, 0.1, lambda: None)
            assert at.front.connections == 2
            if change == "blocked":
                at.has("app-fox-chi", port, blocked="phishing")
            else:
                del at.names["app-fox-chi"]
            at.front.cut(at.names.get)
            assert await deferToThread(received, client) == b""
            await upstream.gone()
            others.says(b"still here")
            assert await deferToThread(other.recv, 100) == b"still here"
            client.close()
            other.close()
            await until(reactor, lambda: at.front.connections == 0)
