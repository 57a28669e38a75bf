"""What the operator's options do to WebSockets, on real sockets: limits, pings, the end of the process."""

from __future__ import annotations

from random import Random
from time import monotonic
from typing import Any

import pytest
import pytest_twisted
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong

from tests.integration.live import live
from tests.integration.sockets import BOTH, Sockets, in_order, opened, records
from webproxy.service import ProxyService


@pytest.mark.parametrize("deflate", [False, True])
@pytest.mark.parametrize("limit", [{"websocket_max_message": 1000}, {"websocket_max_frame": 1000}])
@BOTH
@pytest_twisted.ensureDeferred
async def test_more_than_the_operator_allows_is_1009(
    reactor: Any, limit: dict[str, float], deflate: bool, first: str
) -> None:
    async with live(reactor, Sockets(reactor, deflate=deflate), **limit) as proxy:
        one, other = in_order(*await opened(proxy, deflate=deflate), first)
        one.tells(BytesMessage(b"x" * 1000))
        assert (await other.message())[0] == b"x" * 1000
        one.tells(BytesMessage(bytes(range(256)) * 5 if "websocket_max_message" in limit else noise(3000)))
        assert (await one.gets(CloseConnection)).code == 1009
        assert (await other.gets(CloseConnection)).code == (1001 if first == "client" else 1011)


def noise(size: int) -> bytes:
    """What does not deflate."""
    return Random(7).randbytes(size)


@pytest_twisted.ensureDeferred
async def test_fragments_count_towards_a_message(reactor: Any) -> None:
    async with live(reactor, Sockets(reactor), websocket_max_message=1000) as proxy:
        client, _ = await opened(proxy)
        for _ in range(4):
            client.tells(BytesMessage(b"x" * 300, message_finished=False))
        assert (await client.gets(CloseConnection)).code == 1009


@pytest_twisted.ensureDeferred
async def test_a_drain_says_1001_to_both(reactor: Any) -> None:
    async with live(reactor, Sockets(reactor), websocket="frames", drain=10.0) as proxy:
        kept = records(proxy)
        client, service = await opened(proxy)
        began = monotonic()
        stopped: Any = ProxyService.stopService(proxy.service)
        assert (await client.gets(CloseConnection)).code == 1001
        assert (await service.gets(CloseConnection)).code == 1001
        await client.gone()
        service.link.loseConnection()
        await stopped
        assert monotonic() - began < 5
        assert kept[0].closed_by == "drain"


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_silent_side_is_pinged_and_the_answer_goes_no_further(reactor: Any, first: str) -> None:
    async with live(reactor, Sockets(reactor), websocket_ping=0.25) as proxy:
        one, other = in_order(*await opened(proxy), first)
        await one.gets(Ping)
        await one.gets(Ping)
        other.tells(Ping(b"its own"))
        assert await other.gets(Pong) == Pong(b"its own")
        assert not any(isinstance(event, Pong) for event in other.heard)


@BOTH
@pytest_twisted.ensureDeferred
async def test_a_side_that_answers_no_ping_is_given_up(reactor: Any, first: str) -> None:
    async with live(reactor, Sockets(reactor), websocket_ping=0.25) as proxy:
        kept = records(proxy)
        one, other = in_order(*await opened(proxy), first)
        one.answers = False
        told = await other.gets(CloseConnection)
        assert told.code == (1001 if first == "client" else 1011)
        await one.gone()
        await other.until(lambda: bool(kept))
        assert kept[0].closed_by == ("client" if first == "client" else "upstream")
        assert kept[0].note == "it answered no ping within 0.25 s"
