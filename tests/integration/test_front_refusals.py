"""Whom the router's front does not let through, and what it says to them."""

from __future__ import annotations

import ssl
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from bench.ports import free_port
from tests.integration.edge import DOMAIN, NAME, edge, machine, received, until
from webproxy.router.front import Bounds

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (Bounds(address_rate=(1, 0.02)), "too many handshakes"),
        (Bounds(name_rate=(1, 0.02)), "too many handshakes for a name"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_who_comes_too_often(reactor: Any, tmp_path: Path, bounds: Bounds, why: str) -> None:
    async with edge(reactor, tmp_path, bounds) as at, machine(reactor) as (_, port):
        at.has("app-fox-chi", port)
        (await deferToThread(at.dial, NAME)).close()
        with pytest.raises(ssl.SSLError, match=r"(?i)internal.error"):
            await deferToThread(at.dial, NAME)
        assert at.front.refused[why] == 1
        await until(reactor, lambda: at.front.connections == 0)


@pytest_twisted.ensureDeferred
async def test_a_handshake_that_stalls_is_given_up(
    reactor: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webproxy.router.front.HANDSHAKE", 5.0)
    bounds = Bounds(handshakes_per_address=1)
    async with edge(reactor, tmp_path, bounds) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        outgoing = ssl.MemoryBIO()
        stalled = at.client_context().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=NAME)
        with pytest.raises(ssl.SSLWantReadError):
            stalled.do_handshake()
        sock = await deferToThread(at.raw)
        sock.sendall(outgoing.read())
        await until(reactor, lambda: at.front.by_name["app-fox-chi"] == 1)
        with pytest.raises(OSError, match=r"(?i)internal.error"):
            await deferToThread(at.dial, NAME)
        assert at.front.refused["too many handshakes"] == 1
        assert len(await deferToThread(received, sock)) > 0, "our half of it"
        sock.close()
        await until(reactor, lambda: at.front.connections == 0)
        assert (at.front.refused["no handshake"], internal.peers) == (1, [])
        (await deferToThread(at.dial, NAME)).close()
        await until(reactor, lambda: at.front.connections == 0)


@pytest.mark.parametrize(("offered", "served"), [(("h2",), False), (("h2", "http/1.1"), True), ((), True)])
@pytest_twisted.ensureDeferred
async def test_a_client_that_speaks_something_else(
    reactor: Any, tmp_path: Path, offered: tuple[str, ...], served: bool
) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (_, port):
        at.has("app-fox-chi", port)
        if served:
            (await deferToThread(at.dial, NAME, at.client_context(offered))).close()
        else:
            with pytest.raises(ssl.SSLError, match=r"(?i)no.application.protocol"):
                await deferToThread(at.dial, NAME, at.client_context(offered))
            assert at.front.refused["unknown protocol"] == 1
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
