"""The router's front over real sockets: whom it lets through, and what it says to everybody else."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.integration.edge import DOMAIN, edge
from tests.integration.live import Internal, free_port
from webproxy.net.listen import bind_tcp, listen
from webproxy.net.proxy_header import read
from webproxy.router.front import Bounds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


NAME = f"app-fox-chi.{DOMAIN}"
MIB = 1 << 20


@contextlib.asynccontextmanager
async def machine(reactor: Any) -> AsyncIterator[tuple[Internal, int]]:
    """A machine: its connections are in the test's hands."""
    internal = Internal(reactor)
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    port = sock.getsockname()[1]
    listening = listen(reactor, internal, sock)
    yield internal, port
    await listening.stop()
    for peer in internal.peers:
        peer.link.abortConnection()
    await deferLater(reactor, 0.01, lambda: None)


def received(sock: ssl.SSLSocket | socket.socket) -> bytes:
    """All that comes until the end."""
    data = b""
    with contextlib.suppress(OSError):
        while piece := sock.recv(65536):
            data += piece
    return data


async def until(reactor: Any, condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await deferLater(reactor, 0.005, lambda: None)


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
        client.close()
        await upstream.gone()
        await until(reactor, lambda: at.front.connections == 0)
        assert not at.front.by_name


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


@pytest.mark.parametrize("name", ["other-fox-chi." + DOMAIN, DOMAIN, "a.app-fox-chi." + DOMAIN, "example.org"])
@pytest_twisted.ensureDeferred
async def test_unknown_names_get_an_alert_and_no_tls(reactor: Any, tmp_path: Path, name: str) -> None:
    async with edge(reactor, tmp_path) as at:
        at.has("app-fox-chi", 1)
        at.context = None  # who asked for it would break
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            await deferToThread(at.dial, name)
        assert at.front.refused["unknown name"] == 1
        assert at.front.connections == 0


@pytest_twisted.ensureDeferred
async def test_a_missing_name_and_a_blocked_one(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at:
        at.has("app-fox-chi", 1, blocked="phishing")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE

        def nameless() -> None:
            with at.raw() as sock, context.wrap_socket(sock):
                pass

        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            await deferToThread(nameless)
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            await deferToThread(at.dial, NAME)


@pytest_twisted.ensureDeferred
async def test_without_a_certificate(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at:
        at.has("app-fox-chi", 1)
        context = at.client_context()
        at.context = None
        with pytest.raises(ssl.SSLError, match=r"(?i)internal.error"):
            await deferToThread(at.dial, NAME, context)
        assert at.front.refused["no certificate"] == 1


@pytest.mark.parametrize("said", [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\3\1\0\5\2\0\0\1\0", b"\0" * 100])
@pytest_twisted.ensureDeferred
async def test_what_is_no_tls_is_closed(reactor: Any, tmp_path: Path, said: bytes) -> None:
    async with edge(reactor, tmp_path) as at:
        sock = await deferToThread(at.raw)
        sock.sendall(said)
        assert await deferToThread(received, sock) == b""
        sock.close()
        await until(reactor, lambda: at.front.refused["no ClientHello"] == 1)
        assert at.front.connections == 0


@pytest_twisted.ensureDeferred
async def test_a_hello_that_stalls_is_given_up_and_one_that_dribbles_gets_through(
    reactor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webproxy.router.arriving.PATIENCE", 1.0)
    async with edge(reactor, tmp_path) as at, machine(reactor) as (_, port):
        at.has("app-fox-chi", port)
        silent, half = await deferToThread(at.raw), await deferToThread(at.raw)
        half.sendall(b"\x16\3\1\2\0\1\0\1\xfc")
        assert await deferToThread(received, silent) == b""
        assert await deferToThread(received, half) == b""
        silent.close()
        half.close()
        assert at.front.connections == 0

        def dribble() -> str:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            client = at.client_context().wrap_bio(incoming, outgoing, server_hostname=NAME)
            with at.raw() as sock:
                while True:
                    try:
                        client.do_handshake()
                        return client.version() or ""
                    except ssl.SSLWantReadError:  # noqa: PERF203 - each turn is one flight
                        said = outgoing.read()
                        for at_byte in range(0, len(said), 100):
                            sock.sendall(said[at_byte : at_byte + 100])
                            time.sleep(0.01)
                        incoming.write(sock.recv(65536))

        assert await deferToThread(dribble) in ("TLSv1.2", "TLSv1.3")


@pytest_twisted.ensureDeferred
async def test_a_machine_that_is_away_has_a_page(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at:
        at.has("app-fox-chi", free_port(), until=999.0)

        def asks() -> bytes:
            with at.dial(NAME) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                return received(client)

        answer = await deferToThread(asks)
        assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"Retry-After: 30\r\n" in answer
        assert b"has been away since Thu, 01 Jan 1970 00:16:39 GMT" in answer
        at.now = 10.0  # it holds a lease, and does not answer
        answer = await deferToThread(asks)
        assert b"Its machine does not answer at the moment." in answer
        await until(reactor, lambda: at.front.connections == 0)


@pytest_twisted.ensureDeferred
async def test_who_shakes_no_hands_is_forgotten(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at:
        at.has("app-fox-chi", 1)
        with pytest.raises(ssl.SSLError):
            await deferToThread(at.dial, NAME, ssl.create_default_context())  # it does not trust our certificate
        await until(reactor, lambda: at.front.connections == 0)
        assert at.front.refused["no handshake"] == 1


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (Bounds(connections=1), "too many connections"),
        (Bounds(per_address=1), "too many connections"),
        (Bounds(per_name=1), "too many connections to a name"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_bounds(reactor: Any, tmp_path: Path, bounds: Bounds, why: str) -> None:
    async with edge(reactor, tmp_path, bounds) as at, machine(reactor) as (_, port):
        at.has("app-fox-chi", port)
        first = await deferToThread(at.dial, NAME)
        with pytest.raises(OSError, match=r"."):
            await deferToThread(at.dial, NAME)
        assert at.front.refused[why] == 1
        first.close()
        await until(reactor, lambda: at.front.connections == 0)
        (await deferToThread(at.dial, NAME)).close()
        await until(reactor, lambda: at.front.connections == 0)


@pytest_twisted.ensureDeferred
async def test_no_version_below_1_2(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (_, port):
        at.has("app-fox-chi", port)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = at.client_context()
            context.minimum_version = context.maximum_version = version
            (await deferToThread(at.dial, NAME, context)).close()
        await until(reactor, lambda: at.front.connections == 0)
