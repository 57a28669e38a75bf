"""Connections to the internal service that end between two requests: no POST is lost, and none is sent twice.

The services here close as uvicorn and others do: after an idle limit of their own, right after an answer, or without
saying so.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import DeferredList, ensureDeferred
from twisted.internet.task import deferLater

from tests.integration.answering import Answering, AnsweringPeer, Asked, Told
from tests.integration.live import Live, Peer, live

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
POST = b"POST /pay HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi"
CLIENTS = 40
ROUNDS = 2


def post(name: str) -> bytes:
    return f"POST /{name} HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi".encode()


def done(asked: Asked) -> Told:
    return Told(200, b"ok")


class Impatient(Answering):
    """Closes every connection that has rested for a while after an answer.

    :param limit: seconds.
    """

    def __init__(self, reactor: Any, limit: float) -> None:
        super().__init__(reactor, done)
        self.limit = limit

    def buildProtocol(self, addr: object) -> Peer:
        peer = ImpatientPeer(self)
        self.peers.append(peer)
        return peer


class ImpatientPeer(AnsweringPeer):
    """One connection of it."""

    _end: IDelayedCall | None = None

    def __init__(self, service: Impatient) -> None:
        super().__init__(service)
        self._limit = service.limit

    def dataReceived(self, data: bytes) -> None:
        if self._end is not None and self._end.active():
            self._end.cancel()
        super().dataReceived(data)
        self._end = self.reactor.callLater(self._limit, self.link.loseConnection)


async def post_at_intervals(proxy: Live, name: str, interval: float) -> list[str]:
    """One client: a request, and two more, each a moment after the one before; the targets whose answer was 200."""
    client = await proxy.client()
    good = []
    for number in range(ROUNDS + 1):
        target = f"{name}/{number}"
        client.says(post(target))
        head = await client.hears(b"\r\n\r\n")
        end = b"ok" if head.startswith(b"HTTP/1.1 200 ") else b"request id: "
        await client.hears(end)
        if end == b"ok":
            good.append(f"/{target}")
        else:
            assert head.startswith(b"HTTP/1.1 502 "), head
            await client.hears(b"\n")
        if number < ROUNDS:
            await deferLater(proxy.reactor, interval, lambda: None)
    client.link.loseConnection()
    return good


async def all_at_once(proxy: Live, least: float, most: float) -> list[str]:
    """Clients side by side, their intervals spread evenly; the targets whose answer was 200."""
    step = (most - least) / (CLIENTS - 1)
    clients = [
        ensureDeferred(post_at_intervals(proxy, f"{number}", least + number * step)) for number in range(CLIENTS)
    ]
    results: list[Any] = await DeferredList(clients, fireOnOneErrback=True, consumeErrors=True)
    return sorted(target for _, good in results for target in good)


ALL = sorted(f"/{number}/{round_}" for number in range(CLIENTS) for round_ in range(ROUNDS + 1))


@pytest_twisted.ensureDeferred
async def test_posts_that_come_as_uvicorn_closes(reactor: Any) -> None:
    """So closes vLLM: none is lost, none is sent twice."""
    service = Impatient(reactor, 5.0)
    async with live(reactor, service) as proxy:
        assert await all_at_once(proxy, 4.9, 5.1) == ALL
        assert sorted(asked.target for asked in service.asked) == ALL


@pytest.mark.parametrize(
    ("limit", "least", "most"), [(0.5, 0.45, 0.55), (0.9, 0.85, 0.95)], ids=["within", "at its end"]
)
@pytest_twisted.ensureDeferred
async def test_posts_within_the_second_of_a_rested_connection(
    reactor: Any, limit: float, least: float, most: float
) -> None:
    """A service may close while the POST is on its way: nobody can tell, and on a busy machine that takes a while.

    Then the client is told, and what it is told is true: answered means asked once, refused means never asked.
    """
    service = Impatient(reactor, limit)
    async with live(reactor, service) as proxy:
        good = await all_at_once(proxy, least, most)
        assert sorted(asked.target for asked in service.asked) == good
        assert len(good) >= 0.9 * len(ALL)


@pytest_twisted.ensureDeferred
async def test_a_post_that_comes_together_with_the_services_fin(reactor: Any) -> None:
    """The client's bytes come first, so we hear of them first; the end of the connection is in the kernel by then."""
    async with live(reactor) as proxy:
        for number in range(20):
            client = await proxy.client()
            client.says(POST)
            upstream = await proxy.internal.peer(2 * number)
            await upstream.hears(b"hi")
            upstream.says(OK)
            await client.hears(b"\r\n\r\nok")
            with _socket(client) as ours, _socket(upstream) as theirs:
                ours.send(POST)
                theirs.shutdown(socket.SHUT_RDWR)
            fresh = await proxy.internal.peer(2 * number + 1)
            await fresh.hears(b"hi")
            fresh.says(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert (await client.hears(b"\r\n\r\nok")).startswith(b"HTTP/1.1 200 ")
            assert fresh.total == upstream.total  # nothing of the second went to the first


def _socket(peer: Peer) -> socket.socket:
    """The connection's socket, for what must happen now and not in the next turn of the loop."""
    return socket.fromfd(peer.link.fileno(), socket.AF_INET, socket.SOCK_STREAM)


@pytest.mark.parametrize("method", ["POST", "GET", "PUT"])
@pytest_twisted.ensureDeferred
async def test_a_service_that_closes_after_every_answer_and_does_not_say_so(reactor: Any, method: str) -> None:
    service = Impatient(reactor, 0.0)
    async with live(reactor, service) as proxy:
        client = await proxy.client()
        for number in range(50):
            client.says(post(f"{number}").replace(b"POST", method.encode()))
            assert (await client.hears(b"\r\n\r\nok")).startswith(b"HTTP/1.1 200 "), number
    assert [asked.target for asked in service.asked] == [f"/{number}" for number in range(50)]


@pytest_twisted.ensureDeferred
async def test_a_connection_that_serves_is_kept(reactor: Any) -> None:
    """What protects POSTs must not cost them every rested connection."""
    service = Answering(reactor, done)
    async with live(reactor, service) as proxy:
        client = await proxy.client()
        for number in range(10):
            client.says(post(f"{number}"))
            await client.hears(b"\r\n\r\nok")
            await proxy.passes(0.02)
        assert len(service.peers) == 1
