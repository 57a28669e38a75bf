"""The router's front over real sockets: whom it lets through, and what it says to everybody else."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import ssl
import struct
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.integration.edge import NAME, edge, machine, received, until
from webproxy.net.proxy_header import read
from webproxy.net.tls import TlsTransport
from webproxy.router.passage import Passage
from webproxy.router.sides import Side
from webproxy.router.traffic import Moved

if TYPE_CHECKING:
    from pathlib import Path


MIB = 1 << 20


@pytest_twisted.ensureDeferred
async def test_bytes_go_both_ways_behind_a_header_that_tells_of_the_client(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        client = await deferToThread(at.dial, NAME, at.client_context(("h2", "http/1.1")))
        assert client.selected_alpn_protocol() == "http/1.1"
        upstream = await internal.peer(0)
        await upstream.until(lambda: bool(upstream.received))
        found = read(upstream.received)
        assert found is not None
        header, size = found
        assert (header.source, header.port, header.tls) == ("127.0.0.1", at.port, True)
        assert (header.authority, header.alpn) == (NAME.encode(), b"http/1.1")
        assert (client.version() or "").encode() in upstream.received
        upstream.received = upstream.received[size:]
        await deferToThread(client.sendall, b"ping")
        await upstream.hears(b"ping")
        upstream.says(b"pong")
        assert await deferToThread(client.recv, 100) == b"pong"
        assert (at.front.connections, at.front.by_name["app-fox-chi"]) == (1, 1)
        traffic = at.front.traffic
        assert (traffic.handshakes, traffic.of("app-fox-chi")) == (1, Moved(1, 4, 4))
        client.close()
        await upstream.gone()
        await until(reactor, lambda: at.front.connections == 0)
        assert not at.front.by_name
        assert traffic.of("app-fox-chi") == traffic.total() == Moved(1, 4, 4)


@pytest_twisted.ensureDeferred
async def test_large_bodies_arrive_whole_and_their_end_is_an_end(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        client = await deferToThread(at.dial, NAME)
        upstream = await internal.peer(0)
        data = bytes(range(256)) * 4096 * 16
        sent = deferToThread(client.sendall, data)
        await upstream.until(lambda: upstream.total > len(data), 30)
        await sent
        assert upstream.received.endswith(data)
        upstream.says(data)
        upstream.link.loseConnection()
        got = await deferToThread(received, client)
        assert (len(got), got == data) == (len(data), True)
        client.close()


@pytest_twisted.ensureDeferred
async def test_a_client_that_does_not_read_makes_the_machine_wait(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        client = await deferToThread(at.dial, NAME)
        upstream = await internal.peer(0)

        class Endless:
            paused = False

            def pauseProducing(self) -> None:
                self.paused = True

            def resumeProducing(self) -> None:
                self.paused = False

            def stopProducing(self) -> None:
                pass

        endless = Endless()
        upstream.link.registerProducer(endless, True)
        written = 0
        deadline = time.monotonic() + 20
        while not endless.paused or written < 4 * MIB:
            assert time.monotonic() < deadline
            assert written < 64 * MIB, "somebody collects it"
            if not endless.paused:
                upstream.says(bytes(256 * 1024))
                written += 256 * 1024
            await deferLater(reactor, 0, lambda: None)
            if endless.paused and written < 4 * MIB:
                await deferLater(reactor, 0.01, lambda: None)
        client.close()
        upstream.link.unregisterProducer()
        await upstream.gone(2)


@pytest_twisted.ensureDeferred
async def test_a_reset_passes_as_a_reset_in_both_directions(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        client = await deferToThread(at.dial, NAME)
        upstream = await internal.peer(0)
        upstream.says(b"half an answer")
        assert await deferToThread(client.recv, 100) == b"half an answer"
        upstream.link.abortConnection()
        with pytest.raises(OSError, match=r"reset|EOF"):
            await deferToThread(client.recv, 100)
        client.close()
        client = await deferToThread(at.dial, NAME)
        upstream = await internal.peer(1)
        bare = socket.socket(fileno=client.detach())
        bare.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        bare.close()
        await upstream.gone(2)


@pytest_twisted.ensureDeferred
async def test_a_reset_behind_much_that_is_unread_passes_too(reactor: Any, tmp_path: Path) -> None:
    """Uvloop tells of it once, and the transport, which reads so much and no more at a time, may not meet it then."""
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        for number in range(5):
            client = await deferToThread(at.dial, NAME)
            upstream = await internal.peer(number)
            await deferToThread(client.sendall, bytes(8 * MIB))  # so that the kernel opens the window
            while len(upstream.received) < 8 * MIB:
                await deferLater(reactor, 0.01, lambda: None)
            client.setblocking(False)  # from here on the reactor, in this thread, does not run
            with contextlib.suppress(ssl.SSLWantWriteError):
                for _ in range(200):
                    client.send(bytes(65536))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.close()
            await upstream.gone()
        await until(reactor, lambda: at.front.connections == 0)


@pytest.mark.skipif(
    os.environ.get("WEBPROXY_TEST_REACTOR") == "epoll", reason="Twisted's own transports go round in circles"
)
@pytest_twisted.ensureDeferred
async def test_nothing_of_what_is_over_waits_for_pythons_collector(reactor: Any, tmp_path: Path) -> None:
    """It comes seldom, and with each connection would wait what OpenSSL has for it."""
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        gc.collect()
        gc.disable()
        try:
            for number in range(12):
                client = await deferToThread(at.dial, NAME)
                upstream = await internal.peer(number)
                if number % 3 == 0:
                    upstream.says(b"bye")
                    upstream.link.loseConnection()
                    await deferToThread(received, client)
                client.close()
                await upstream.gone()
            await until(reactor, lambda: at.front.connections == 0)
            await deferLater(reactor, 0.05, lambda: None)
            left = [type(one).__name__ for one in gc.get_objects() if isinstance(one, (Passage, Side, TlsTransport))]
        finally:
            gc.enable()
        assert len(left) <= 3, left  # of the last one, in frames of its end
