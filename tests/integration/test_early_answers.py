"""Answers that come while the client still uploads: the client sees the answer, not a reset (RFC 9112 §9.6).

Services that refuse an upload mostly close at once, with the rest of it unread. Their kernel resets the connection,
and our own write fails before the refusal has been read.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Thread
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.integration.live import live
from webproxy.net.destination import Tcp

SIZE = 20_000_000
UPLOAD = b"POST /upload HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % SIZE
CHUNKED = b"POST /upload HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % SIZE
REFUSAL = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large"
IN_CHUNKS = b"HTTP/1.1 413 Content Too Large\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ntoo large\r\n0\r\n\r\n"


@pytest.mark.parametrize("refusal", [REFUSAL, IN_CHUNKS], ids=["length", "chunked"])
@pytest.mark.parametrize("upload", [UPLOAD, CHUNKED], ids=["sized upload", "chunked upload"])
@pytest.mark.parametrize("then", ["loseConnection", "loseWriteConnection", "getHost"])
@pytest_twisted.ensureDeferred
async def test_a_refusal_in_the_middle_of_an_upload(reactor: Any, then: str, upload: bytes, refusal: bytes) -> None:
    """The service says no, and then closes, half-closes, or does nothing at all."""
    async with live(reactor) as proxy:
        for number in range(5):
            client = await proxy.client()
            client.says(upload + b"x" * SIZE)
            upstream = await proxy.internal.peer(number)
            await upstream.hears(b"\r\n\r\n")
            upstream.link.pauseProducing()
            await proxy.passes(0.02)  # until everything on the way is full
            upstream.says(refusal)
            getattr(upstream.link, then)()
            answer = await client.hears(b"too large")
            assert answer.startswith(b"HTTP/1.1 413 Content Too Large\r\n")
            client.link.abortConnection()
            upstream.link.abortConnection()
        assert len(proxy.internal.peers) == 5


def refuse_uploads(listening: socket.socket) -> None:
    """Answer each head, and close with what follows it unread."""
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listening.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(REFUSAL)


def upload(port: int) -> bytes:
    """Upload and listen at the same time; what came back until it was the refusal, or until the end."""
    with socket.create_connection(("127.0.0.1", port)) as client:

        def send() -> None:
            with contextlib.suppress(OSError):
                client.sendall(UPLOAD + b"x" * SIZE)

        sending = Thread(target=send)
        sending.start()
        heard = b""
        while not heard.endswith(b"too large") and (data := client.recv(65536)):
            heard += data
        with contextlib.suppress(OSError):
            client.shutdown(socket.SHUT_RDWR)
        sending.join()
    return heard


@pytest_twisted.ensureDeferred
async def test_a_refusal_that_comes_as_we_write(reactor: Any) -> None:
    """In truth at the same time, so in threads: without our care, half of these were answered 502."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        Thread(target=refuse_uploads, args=(listening,), daemon=True).start()
        async with live(reactor, internal=(Tcp(*listening.getsockname()),)) as proxy:
            for _ in range(30):
                heard = await deferToThread(upload, proxy.port)
                assert heard.startswith(b"HTTP/1.1 413 Content Too Large\r\n")
        listening.shutdown(socket.SHUT_RDWR)


@pytest_twisted.ensureDeferred
async def test_a_small_rest_is_read_and_the_connection_kept(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n")
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(REFUSAL)
        await client.hears(b"too large")
        client.says(b"x" * 60000 + b"GET /next HTTP/1.1\r\nHost: h\r\n\r\n")
        following = await proxy.internal.peer(1)
        assert (await following.hears(b"\r\n\r\n")).startswith(b"GET /next ")


@pytest_twisted.ensureDeferred
async def test_a_large_rest_is_read_for_a_while_so_that_the_answer_arrives(reactor: Any) -> None:
    """A client that reads only after it has sent everything: beyond our bound it may see a reset, up to it never."""
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 900000\r\n\r\n")
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        client.link.pauseProducing()
        upstream.says(REFUSAL)
        upstream.link.loseConnection()
        await proxy.passes(0.05)
        client.says(b"x" * 900_000)
        await proxy.passes(0.2)
        client.link.resumeProducing()
        await client.gone()
        assert client.received.endswith(b"\r\n\r\ntoo large")
