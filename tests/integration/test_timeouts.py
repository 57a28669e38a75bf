"""Idle limits in real time, a minute shrunk to a second: who may be silent, for how long, and what happens then."""

from __future__ import annotations

import socket
from hashlib import sha256
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone, ConnectionLost

from tests.integration.live import live
from tests.peers import FarEnd
from webproxy.net.progress import unsent
from webproxy.settings.policies import choose

if TYPE_CHECKING:
    from tests.integration.live import Live, Peer

DEFAULT = 1.0
LONGEST = 3.0
LATE = 1.0
"""By how much a deadline may be late: two looks of the sweep, and a busy machine."""

POLICIES = choose([], {"default": "1s", "long": "3s", "download": "3s"})[0]

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


async def asked(proxy: Live, request: bytes) -> tuple[Peer, Peer]:
    """Send a request; the client, and the internal service that has read its head."""
    before = len(proxy.internal.peers)
    client = await proxy.client()
    client.says(request)
    upstream = await proxy.internal.peer(before)
    await upstream.hears(b"\r\n\r\n")
    return client, upstream


def get(path: str, accept: str = "*/*") -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: h\r\nAccept: {accept}\r\n\r\n".encode()


# Before the head


@pytest.mark.parametrize(
    ("request_", "kind", "begins"),
    [
        (get("/", "text/html,application/xhtml+xml"), b"text/html", b"<!doctype html>"),
        (get("/v1/models", "application/json"), b"application/json", b'{"error": {"'),
        (get("/api/tags"), b"application/json", b'{"error": "webproxy: '),
    ],
    ids=["html", "json", "ollama"],
)
@pytest_twisted.ensureDeferred
async def test_silence_on_a_default_path_is_504_in_the_shape_that_suits(
    reactor: Any, request_: bytes, kind: bytes, begins: bytes
) -> None:
    async with live(reactor, policies=POLICIES) as proxy:
        client, upstream = await asked(proxy, request_)
        began = monotonic()
        head = await client.hears(b"\r\n\r\n")
        assert DEFAULT * 0.95 <= monotonic() - began <= DEFAULT + LATE
        assert head.startswith(b"HTTP/1.1 504 ")
        assert b"Content-Type: " + kind in head
        await client.until(lambda: b"the idle limit of class DEFAULT" in client.received)
        assert client.received.lower().startswith(begins)
        await upstream.gone()


@pytest_twisted.ensureDeferred
async def test_the_same_silence_on_a_long_path_is_survived(reactor: Any) -> None:
    async with live(reactor, policies=POLICIES) as proxy:
        client, upstream = await asked(
            proxy, b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
        )
        await proxy.passes(DEFAULT + 1)
        assert client.total == 0
        upstream.says(OK + b"Content-Length: 4\r\n\r\ndone")
        await client.hears(b"\r\n\r\ndone")


# After the head


@pytest_twisted.ensureDeferred
async def test_an_attachment_may_pause_for_longer_than_the_request_made_one_think(reactor: Any) -> None:
    async with live(reactor, policies=POLICIES) as proxy:
        client, upstream = await asked(proxy, get("/export"))
        upstream.says(OK + b"Content-Disposition: attachment; filename=a\r\nContent-Length: 8\r\n\r\nhalf")
        await client.hears(b"half")
        await proxy.passes(DEFAULT + 1)
        assert client.ended is None
        upstream.says(b"rest")
        await client.hears(b"rest")


@pytest_twisted.ensureDeferred
async def test_an_answer_with_a_byte_every_half_limit_never_dies(reactor: Any) -> None:
    async with live(reactor, policies=POLICIES) as proxy:
        client, upstream = await asked(proxy, get("/"))
        upstream.says(CHUNKED)
        for _ in range(round(2 * (LONGEST + 1) / DEFAULT)):
            await proxy.passes(DEFAULT / 2)
            upstream.says(b"1\r\nx\r\n")
        upstream.says(b"0\r\n\r\n")
        assert (await client.hears(b"0\r\n\r\n")).count(b"1\r\nx\r\n") == 8


@pytest_twisted.ensureDeferred
async def test_nor_does_a_request_with_a_byte_every_half_limit(reactor: Any) -> None:
    async with live(reactor, policies=POLICIES) as proxy:
        client, upstream = await asked(proxy, b"PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await proxy.passes(DEFAULT / 2)
            client.says(b"x")
        await upstream.hears(b"x" * 8)
        upstream.says(OK + b"Content-Length: 4\r\n\r\ndone")
        assert (await client.hears(b"done")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("answer", "how"),
    [
        (CHUNKED + b"4\r\nhalf\r\n", ConnectionDone),
        (OK + b"Content-Length: 8\r\n\r\nhalf", ConnectionDone),
        (OK + b"\r\nhalf", ConnectionLost),
    ],
    ids=["chunked", "length", "until-close"],
)
@pytest_twisted.ensureDeferred
async def test_after_the_head_the_connection_is_cut(reactor: Any, answer: bytes, how: type[Exception]) -> None:
    """Nobody may take what is missing for the end: no last chunk; where the end is the close itself, a reset."""
    async with live(reactor, policies=POLICIES) as proxy:
        client, upstream = await asked(proxy, get("/"))
        upstream.says(answer)
        await client.hears(b"half")
        began = monotonic()
        assert DEFAULT * 0.95 <= await client.gone() - began <= DEFAULT + LATE
        assert client.received.strip() == b"", "something was made up behind what the internal service said"
        assert client.reason is not None
        assert client.reason.check(how)
        await upstream.gone()


# A client that reads slowly

SIZE = 32 << 20
SIP = 128 << 10


@pytest_twisted.ensureDeferred
async def test_a_slow_reader_gets_its_file_whole(reactor: Any) -> None:
    """It keeps the internal service waiting for longer than any limit of its, and reads a little all the while."""
    body = bytes(range(256)) * (SIZE // 256)
    async with live(reactor, policies=POLICIES) as proxy:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2 * SIP)
            sock.connect(("127.0.0.1", proxy.port))
            client = FarEnd(reactor, sock)
            client.say(get("/report"))
            upstream = await proxy.internal.peer(0)
            await upstream.hears(b"\r\n\r\n")
            upstream.says(OK + b"Content-Length: %d\r\n\r\n" % SIZE + body)
            seen = b""
            while b"\r\n\r\n" not in seen:
                seen += await client.read()
            rest = seen.partition(b"\r\n\r\n")[2]
            digest, taken = sha256(rest), len(rest)
            slow_until = monotonic() + LONGEST + 1.5
            while taken < SIZE:
                if monotonic() < slow_until:
                    await proxy.passes(DEFAULT / 4)
                    assert unsent(upstream.link) > 0, "the internal service has not been kept waiting"
                piece = await client.read(SIP)
                assert piece, f"cut after {taken} of {SIZE} bytes"
                digest.update(piece)
                taken += len(piece)
            assert digest.digest() == sha256(body).digest()
