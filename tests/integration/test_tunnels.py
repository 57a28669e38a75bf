"""WebSockets in tunnel mode, on real sockets: what each side says, hears and does at the end."""

from __future__ import annotations

import socket
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHalfCloseableProtocol
from zope.interface import directlyProvides, implementer

from tests.handshake import ASK, SWITCH
from tests.integration.live import Internal, Live, Peer, live

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord

REFUSAL = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\nX-Why: origin\r\n\r\nnot yours"


@implementer(IHalfCloseableProtocol)
class Half(Peer):
    """A peer that keeps its own side open when the other has finished."""

    finished = 0.0

    def readConnectionLost(self) -> None:
        self.finished = monotonic()

    def writeConnectionLost(self) -> None:
        pass


class Halves(Internal):
    """A service of such peers."""

    def buildProtocol(self, addr: object) -> Half:
        peer = Half(self.reactor)
        self.peers.append(peer)
        return peer


async def opened(proxy: Live, *, early: bytes = b"", frame: bytes = b"") -> tuple[Peer, Peer]:
    """A tunnel that stands: the client and the service."""
    client = await proxy.client()
    client.says(ASK + early)
    service = await proxy.internal.peer(len(proxy.internal.peers))
    await service.hears(b"\r\n\r\n")
    service.says(SWITCH + frame)
    await client.hears(SWITCH)
    return client, service


def finish(peer: Peer) -> None:
    """Say FIN, and read on."""
    peer.link.loseWriteConnection()


def half(peer: Peer) -> Peer:
    """Let a client keep its side open when the service has finished."""
    peer.finished = 0.0  # type: ignore[attr-defined]
    peer.readConnectionLost = lambda: setattr(peer, "finished", monotonic())  # type: ignore[attr-defined]
    peer.writeConnectionLost = lambda: None  # type: ignore[attr-defined]
    directlyProvides(peer, IHalfCloseableProtocol)
    return peer


def records(proxy: Live) -> list[ExchangeRecord]:
    """What the proxy writes down from now on."""
    kept: list[ExchangeRecord] = []
    proxy.service.site.exchange_ended = kept.append  # type: ignore[assignment]
    return kept


@pytest_twisted.ensureDeferred
async def test_bytes_right_behind_either_handshake_arrive(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client, service = await opened(proxy, early=b"\x81\x85early", frame=b"\x81\x05frame")
        await client.hears(b"frame")
        await service.hears(b"early")
        for round_trip in range(20):
            client.says(b"ping %d" % round_trip)
            await service.hears(b"ping %d" % round_trip)
            service.says(b"pong %d" % round_trip)
            await client.hears(b"pong %d" % round_trip)


@pytest_twisted.ensureDeferred
async def test_the_service_gets_the_handshake_as_it_was(reactor: Any) -> None:
    lines = (
        b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, x-own; a=b\r\n"
        b"Sec-WebSocket-Protocol: chat, superchat\r\nOrigin: app://obsidian.md\r\nCookie: a=b\r\n"
        b"X-Two: 1\r\nX-Two: 2\r\n"
    )
    switch = SWITCH[:-2] + b"Sec-WebSocket-Extensions: x-own\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\n"
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(ASK[:-2] + lines + b"\r\n")
        service = await proxy.internal.peer()
        asked = await service.hears(b"\r\n\r\n")
        for line in (ASK[:-2].split(b"Host: h\r\n")[1] + lines).splitlines():
            assert line + b"\r\n" in asked
        service.says(switch)
        assert await client.hears(b"\r\n\r\n") == switch


@pytest_twisted.ensureDeferred
async def test_a_refusal_reaches_the_client_as_it_is_and_the_connection_serves_on(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        for _ in range(2):
            client.says(ASK)
            service = await proxy.internal.peer(0)
            await service.hears(b"\r\n\r\n")
            service.says(REFUSAL)
            told = await client.hears(b"not yours")
            assert told.startswith(b"HTTP/1.1 403 Forbidden\r\n")
            assert b"\r\nX-Why: origin\r\n" in told
        client.says(ASK)
        await service.hears(b"\r\n\r\n")
        service.says(SWITCH)
        await client.hears(SWITCH)
        client.says(b"after other requests")
        await service.hears(b"after other requests")


@pytest.mark.parametrize(
    ("ask", "status"),
    [
        (ASK.replace(b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b""), b"400"),
        (ASK.replace(b"Version: 13", b"Version: 8"), b"426"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_rfc6455_4_2_1_an_unsound_handshake_is_not_passed_on(reactor: Any, ask: bytes, status: bytes) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(ask)
        head = await client.hears(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 " + status)
        assert (b"\r\nSec-WebSocket-Version: 13\r\n" in head) is (status == b"426")
        assert not proxy.internal.peers


@pytest_twisted.ensureDeferred
async def test_rfc6455_4_1_an_acceptance_that_proves_nothing_is_502(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(ASK)
        service = await proxy.internal.peer()
        await service.hears(b"\r\n\r\n")
        service.says(SWITCH.replace(b"Accept: s", b"Accept: S"))
        assert (await client.hears(b"\r\n\r\n")).startswith(b"HTTP/1.1 502 ")
        await service.gone()


@pytest.mark.parametrize("first", ["client", "service"])
@pytest_twisted.ensureDeferred
async def test_a_fin_passes_as_a_fin_and_the_other_side_speaks_on_for_a_second(reactor: Any, first: str) -> None:
    async with live(reactor, Halves(reactor)) as proxy:
        client, service = await opened(proxy)
        one, other = (half(client), service) if first == "client" else (service, half(client))
        one.says(b"x" * 100_000 + b"goodbye")
        began = monotonic()
        finish(one)
        await other.hears(b"goodbye")
        await other.until(lambda: bool(other.finished))  # type: ignore[attr-defined]
        other.says(b"last words")
        await one.hears(b"last words")
        assert one.ended is None
        await one.until(lambda: bool(one.finished))  # type: ignore[attr-defined]
        await other.until(lambda: not proxy.service.site.channels)
        assert 0.9 < monotonic() - began < 5
        client.link.abortConnection()


@pytest.mark.parametrize("first", ["client", "service"])
@pytest_twisted.ensureDeferred
async def test_who_closes_closes_the_other_at_once(reactor: Any, first: str) -> None:
    async with live(reactor) as proxy:
        kept = records(proxy)
        client, service = await opened(proxy)
        one, other = (client, service) if first == "client" else (service, client)
        one.link.loseConnection()
        began = monotonic()
        assert await other.gone() - began < 1.0
        await other.until(lambda: bool(kept) and not proxy.service.site.channels)
        assert other.reason is not None
        assert other.reason.check(ConnectionDone)
        assert kept[0].status == 101


@pytest.mark.parametrize("first", ["client", "service"])
@pytest_twisted.ensureDeferred
async def test_a_reset_passes_as_a_reset(reactor: Any, first: str) -> None:
    async with live(reactor) as proxy:
        kept = records(proxy)
        client, service = await opened(proxy)
        one, other = (client, service) if first == "client" else (service, client)
        one.link.abortConnection()
        await other.gone()
        assert other.reason is not None
        assert not other.reason.check(ConnectionDone)
        await other.until(lambda: bool(kept))
        assert kept[0].closed_by == ("client" if first == "client" else "upstream")


@pytest.mark.parametrize("slow", ["client", "service"])
@pytest_twisted.ensureDeferred
async def test_who_does_not_read_makes_the_other_wait_and_loses_nothing(reactor: Any, slow: str) -> None:
    size = 40_000_000
    async with live(reactor) as proxy:
        client, service = await opened(proxy)
        reader, writer = (client, service) if slow == "client" else (service, client)
        reader.link.pauseProducing()
        sock = writer.link.getHandle()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        writer.says(b"x" * size)
        await proxy.passes(0.3)
        assert reader.total < 10_000
        reader.link.resumeProducing()
        await reader.until(lambda: reader.total >= size, 30)


@pytest_twisted.ensureDeferred
async def test_a_reset_is_noticed_although_nobody_reads(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client, service = await opened(proxy)
        service.link.pauseProducing()
        client.says(b"x" * 30_000_000)
        await proxy.passes(0.2)
        client.link.abortConnection()
        service.link.resumeProducing()
        await service.gone()
        assert service.reason is not None
        assert not service.reason.check(ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_what_waits_for_a_slow_reader_is_delivered_after_the_fin(reactor: Any) -> None:
    size = 20_000_000
    async with live(reactor, Halves(reactor)) as proxy:
        client, service = await opened(proxy)
        service.link.pauseProducing()
        client.says(b"x" * size)
        client.link.loseConnection()
        await proxy.passes(0.3)
        service.link.resumeProducing()
        await service.until(lambda: service.total >= size, 30)
