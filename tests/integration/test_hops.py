"""What a request may go through, and what each hop says of itself: Via, Max-Forwards, TE (RFC 9110 §7.6, §10.1.4)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.answering import Answering, Asked, Told
from tests.integration.live import live
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.live import Peer


def done(asked: Asked) -> Told:
    return Told(200, b"done", (("Via", "1.1 inside"),))


@contextlib.asynccontextmanager
async def two_hops(reactor: Any) -> AsyncIterator[tuple[Peer, Answering]]:
    """A client of one proxy in front of another in front of a service."""
    service = Answering(reactor, done)
    async with live(reactor, service) as inner, live(reactor, internal=(Tcp("127.0.0.1", inner.port),)) as outer:
        yield await outer.client(), service


def asking(line: bytes, *lines: bytes) -> bytes:
    return b"\r\n".join((line, b"Host: gpu.example", *lines, b"", b""))


@pytest_twisted.ensureDeferred
async def test_via_names_every_hop_in_its_order_rfc_9110_7_6_3(reactor: Any) -> None:
    async with two_hops(reactor) as (client, service):
        client.says(asking(b"GET / HTTP/1.0", b"Via: 1.1 cache", b"Connection: keep-alive"))
        answer = await client.hears(b"done")
        assert service.asked[-1].fields["via"] == "1.1 cache, 1.0 webproxy, 1.1 webproxy"
        assert b"\r\nVia: 1.1 inside\r\n" in answer  # a gateway may leave answers alone, and keeps what they say


@pytest.mark.parametrize(
    ("method", "hops", "arrives"),
    [("OPTIONS", 0, None), ("OPTIONS", 1, None), ("OPTIONS", 2, "0"), ("TRACE", 9, "7"), ("GET", 0, "0")],
)
@pytest_twisted.ensureDeferred
async def test_max_forwards_rfc_9110_7_6_2(reactor: Any, method: str, hops: int, arrives: str | None) -> None:
    async with two_hops(reactor) as (client, service):
        client.says(asking(f"{method} / HTTP/1.1".encode(), b"Max-Forwards: %d" % hops))
        if arrives is None:
            answer = await client.hears(b"\r\n\r\n")
            assert b"\r\nAllow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n" in answer
            assert service.asked == []
        else:
            await client.hears(b"done")
            assert service.asked[-1].fields["max-forwards"] == arrives


@pytest.mark.parametrize(
    ("line", "te"),
    [
        (b"TE: trailers", "trailers"),
        (b"TE: gzip, trailers;q=0.5, Trailers", "trailers"),
        (b"TE: gzip", None),
        (b"TE:", None),
    ],
)
@pytest_twisted.ensureDeferred
async def test_of_te_only_trailers_is_ours_to_promise_rfc_9110_10_1_4(
    reactor: Any, line: bytes, te: str | None
) -> None:
    async with two_hops(reactor) as (client, service):
        client.says(asking(b"GET / HTTP/1.1", line, b"Connection: TE"))
        await client.hears(b"done")
        fields = service.asked[-1].fields
        assert fields.get("te") == te
        assert fields.get("connection") == (te and "TE")


@pytest_twisted.ensureDeferred
async def test_trailers_pass_through_both_hops(reactor: Any) -> None:
    async with live(reactor) as inner, live(reactor, internal=(Tcp("127.0.0.1", inner.port),)) as outer:
        client = await outer.client()
        client.says(asking(b"GET / HTTP/1.1", b"TE: trailers", b"Connection: TE"))
        upstream = await inner.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(b"HTTP/1.1 200 OK\r\nTrailer: Digest\r\nTransfer-Encoding: chunked\r\n\r\n")
        upstream.says(b"2\r\nok\r\n0\r\nDigest: x\r\n\r\n")
        answer = await client.hears(b"0\r\nDigest: x\r\n\r\n")
        assert b"\r\nTrailer: Digest\r\n" in answer
        client.says(asking(b"GET /again HTTP/1.1"))
        assert (await upstream.hears(b"\r\n\r\n")).startswith(b"GET /again ")
