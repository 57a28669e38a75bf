"""A client who leaves stops the work at once: upstream sees the close within 100 ms."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest
import pytest_twisted

from tests.integration.live import live

GET = b"GET /v1/chat/completions HTTP/1.1\r\nHost: h\r\n\r\n"
UPLOAD = b"PUT /blob HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
AT_ONCE = 0.1


@pytest.mark.parametrize("how", ["loseConnection", "loseWriteConnection", "abortConnection"])
@pytest_twisted.ensureDeferred
async def test_during_silence(reactor: Any, how: str) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        left = monotonic()
        getattr(client.link, how)()
        assert await upstream.gone() - left < AT_ONCE


@pytest.mark.parametrize("how", ["loseConnection", "loseWriteConnection", "abortConnection"])
@pytest_twisted.ensureDeferred
async def test_during_a_stream(reactor: Any, how: str) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(STREAM + b"5\r\nevent\r\n")
        await client.hears(b"event\r\n")
        left = monotonic()
        getattr(client.link, how)()
        assert await upstream.gone() - left < AT_ONCE


@pytest.mark.parametrize("how", ["loseConnection", "loseWriteConnection", "abortConnection"])
@pytest_twisted.ensureDeferred
async def test_during_an_upload(reactor: Any, how: str) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(UPLOAD + b"x" * 100_000)
        upstream = await proxy.internal.peer()
        await upstream.until(lambda: upstream.total > 100_000)
        left = monotonic()
        getattr(client.link, how)()
        assert await upstream.gone() - left < AT_ONCE


@pytest_twisted.ensureDeferred
async def test_during_an_upload_that_is_paused_because_upstream_does_not_read(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(UPLOAD)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.link.pauseProducing()
        (channel,) = proxy.service.site.channels
        for _ in range(200):
            client.says(b"x" * 1_000_000)
            await proxy.passes(0.005)
            if channel.body_stalled:
                break
        assert channel.body_stalled
        left = monotonic()
        client.link.abortConnection()
        upstream.link.resumeProducing()
        assert await upstream.gone() - left < 10 * AT_ONCE  # it has some megabytes to read before it sees the end
        assert not proxy.service.site.channels


@pytest_twisted.ensureDeferred
async def test_the_departure_of_a_paused_client_is_noticed_at_once(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(UPLOAD)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.link.pauseProducing()
        (channel,) = proxy.service.site.channels
        while not channel.body_stalled:
            client.says(b"x" * 1_000_000)
            await proxy.passes(0.005)
        left = monotonic()
        client.link.abortConnection()
        await client.until(lambda: not proxy.service.site.channels)
        assert monotonic() - left < AT_ONCE


@pytest_twisted.ensureDeferred
async def test_drain_lets_upstream_finish(reactor: Any) -> None:
    async with live(reactor, on_disconnect="drain") as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(STREAM)
        await client.hears(b"\r\n\r\n")
        client.link.abortConnection()
        await proxy.passes(0.2)
        assert upstream.ended is None
        upstream.says(b"5\r\nevent\r\n0\r\n\r\n")
        again = await proxy.client()
        again.says(GET)
        await upstream.hears(b"\r\n\r\n")


@pytest_twisted.ensureDeferred
async def test_upstream_that_leaves_mid_answer_is_no_success(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        upstream.link.loseConnection()
        await client.gone()
        assert client.received.endswith(b"12345")
