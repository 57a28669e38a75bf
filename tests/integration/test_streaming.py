"""The first byte out as soon as it is in: nothing waits in a buffer of ours."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest_twisted
from twisted.internet.defer import Deferred, DeferredList

from tests.integration.live import Live, live

GET = b"GET /v1/chat/completions HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = b"data: {}\n\n"
CHUNK = b"%x\r\n%b\r\n" % (len(EVENT), EVENT)
SPACING = 0.05
COUNT = 20


async def arrivals(proxy: Live, index: int) -> tuple[list[float], list[float]]:
    """Send events through a stream of its own; when each was sent, and when it arrived."""
    client = await proxy.client()
    client.says(GET)
    upstream = await proxy.internal.peer(index)
    await upstream.hears(b"\r\n\r\n")
    upstream.says(STREAM)
    await client.hears(b"\r\n\r\n")
    sent = []
    for _ in range(COUNT):
        sent.append(monotonic())
        upstream.says(CHUNK)
        await proxy.passes(SPACING)
    upstream.says(b"0\r\n\r\n")
    await client.hears(b"0\r\n\r\n")
    return sent, [moment for moment, piece in client.pieces for _ in range(piece.count(EVENT))]


@pytest_twisted.ensureDeferred
async def test_events_50_ms_apart_arrive_50_ms_apart(reactor: Any) -> None:
    async with live(reactor) as proxy:
        sent, came = await arrivals(proxy, 0)
        assert came[-1] - came[0] >= 0.9 * SPACING * (COUNT - 1)
        lags = sorted(there - here for here, there in zip(sent, came, strict=True))
        assert lags[len(lags) * 95 // 100] < 0.02


@pytest_twisted.ensureDeferred
async def test_the_head_goes_out_before_the_first_byte_of_the_body(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(STREAM)
        assert (await client.hears(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        upstream.says(CHUNK)
        await client.hears(EVENT)


@pytest_twisted.ensureDeferred
async def test_many_streams_do_not_hold_each_other_up(reactor: Any) -> None:
    async with live(reactor) as proxy:
        streams = [Deferred.fromCoroutine(arrivals(proxy, index)) for index in range(30)]
        results = await DeferredList(streams, fireOnOneErrback=True)
        for _, (_, came) in results:
            assert len(came) == COUNT
            assert came[-1] - came[0] >= 0.9 * SPACING * (COUNT - 1)


@pytest_twisted.ensureDeferred
async def test_an_upload_reaches_upstream_while_it_is_sent(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        for index in range(5):
            piece = b"5\r\npiec%d\r\n" % index
            client.says(piece)
            assert await upstream.hears(piece) == piece
