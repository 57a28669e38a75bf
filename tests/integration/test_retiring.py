"""Another process takes the new connections: ours end in their own time, and none is closed without a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.defer import Deferred

from tests.integration.live import live

if TYPE_CHECKING:
    from tests.integration.live import Live, Peer

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"\r\nConnection: close\r\n"


async def answer(proxy: Live, client: Peer) -> bytes:
    """Ask, and give what comes."""
    client.says(GET)
    upstream = await proxy.internal.peer()
    await upstream.hears(b"\r\n\r\n")
    upstream.says(OK)
    return await client.hears(b"\r\n\r\nok")


async def retired(proxy: Live) -> Deferred[None]:
    """Let it retire, and go on once it has settled."""
    done = Deferred.fromCoroutine(proxy.service.retire())
    await proxy.passes(0.3)
    return done


@pytest_twisted.ensureDeferred
async def test_who_rests_may_send_one_more_and_is_told(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        assert LAST not in await answer(proxy, client)
        done = await retired(proxy)
        assert client.ended is None
        assert LAST in await answer(proxy, client)
        await client.gone()
        await done


@pytest_twisted.ensureDeferred
async def test_an_answer_that_said_nothing_of_an_end_is_followed_by_one_that_does(reactor: Any) -> None:
    """Its client may have sent the next request already: to close behind it would lose that."""
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(OK[:-1])
        assert LAST not in await client.hears(b"\r\n\r\no")
        done = await retired(proxy)
        upstream.says(b"k")
        await client.hears(b"k")
        await proxy.passes(0.1)
        assert client.ended is None
        assert LAST in await answer(proxy, client)
        await client.gone()
        await done


@pytest_twisted.ensureDeferred
async def test_a_request_that_waits_for_its_answer_is_the_last(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        done = await retired(proxy)
        upstream.says(OK)
        assert LAST in await client.hears(b"\r\n\r\nok")
        await client.gone()
        await done


@pytest_twisted.ensureDeferred
async def test_who_was_accepted_in_the_last_moment_is_answered(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()  # the kernel has it; whether we have, is not said
        done = Deferred.fromCoroutine(proxy.service.retire())
        assert LAST in await answer(proxy, client)
        await client.gone()
        await done
