"""Upgrades that nobody here speaks: the request goes on without them, whole (RFC 9110 §7.8, RFC 9112 §6.3).

Every JDK client offers h2c with its first request, POSTs included. A parser that believes the offer would take the body
for the next request, so the bodies here are requests.
"""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from tests.integration.answering import Answering, Asked, Told
from tests.integration.live import live

INNER = b"DELETE /everything HTTP/1.1\r\nHost: gpu.example\r\nContent-Length: 0\r\n\r\n"
HEAD = (
    b"POST /v1/chat/completions HTTP/1.1\r\n"
    b"Connection: Upgrade, HTTP2-Settings\r\n"
    b"Host: gpu.example\r\n"
    b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA\r\n"
    b"Upgrade: h2c\r\n"
    b"User-Agent: Java-http-client/17.0.9\r\n"
    b"Content-Type: application/json\r\n"
)
SIZED = HEAD + b"Content-Length: %d\r\n\r\n" % len(INNER) + INNER
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (
    (len(INNER[:30]), INNER[:30], len(INNER[30:]), INNER[30:])
)
GET = b"GET /next HTTP/1.1\r\nHost: gpu.example\r\n\r\n"


def done(asked: Asked) -> Told:
    return Told(200, b"done")


@pytest.mark.parametrize("message", [SIZED, CHUNKED], ids=["length", "chunked"])
@pytest.mark.parametrize("split", [0, 1, len(HEAD) - 1, len(HEAD) + 30], ids=["whole", "1", "head", "body"])
@pytest_twisted.ensureDeferred
async def test_a_post_that_offers_h2c_arrives_whole_and_once(reactor: Any, message: bytes, split: int) -> None:
    service = Answering(reactor, done)
    async with live(reactor, service) as proxy:
        client = await proxy.client()
        client.says(message[:split])
        await proxy.passes(0.02 if split else 0)
        client.says(message[split:])
        assert (await client.hears(b"done")).startswith(b"HTTP/1.1 200 ")
        client.says(GET)
        await client.hears(b"done")
    (asked, following) = service.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/v1/chat/completions", INNER)
    assert not {"upgrade", "http2-settings", "connection"}.intersection(asked.fields)
    assert (following.method, following.target) == ("GET", "/next")


@pytest.mark.parametrize("offer", [b"h2c", b"TLS/1.3", b"websocket, h2c", b"IRC/6.9"])
@pytest_twisted.ensureDeferred
async def test_no_other_offer_goes_on_with_a_body(reactor: Any, offer: bytes) -> None:
    service = Answering(reactor, done)
    async with live(reactor, service) as proxy:
        client = await proxy.client()
        client.says(SIZED.replace(b"Upgrade: h2c", b"Upgrade: " + offer))
        await client.hears(b"done")
    (asked,) = service.asked
    assert asked.body == INNER
    assert "upgrade" not in asked.fields


@pytest_twisted.ensureDeferred
async def test_an_offer_that_upstream_would_take_is_not_made(reactor: Any) -> None:
    """A GET without a body could be upgraded; h2c behind us would be a tunnel past every rule."""
    service = Answering(reactor, lambda asked: Told(426 if "upgrade" in asked.fields else 200, b"done"))
    async with live(reactor, service) as proxy:
        client = await proxy.client()
        client.says(HEAD.replace(b"POST", b"GET") + b"\r\n")
        assert (await client.hears(b"done")).startswith(b"HTTP/1.1 200 ")
