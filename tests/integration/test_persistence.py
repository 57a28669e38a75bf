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


async def post_at_intervals(proxy: Live, name: str, interval: float) -> None:
    """One client: a request, and two more, each a moment after the one before."""
    client = await proxy.client()
    for number in range(ROUNDS + 1):
        client.says(post(f"{name}/{number}"))
        assert (await client.hears(b"\r\n\r\nok")).startswith(b"HTTP/1.1 200 "), f"{name}/{number}"
        if number < ROUNDS:
            await deferLater(proxy.reactor, interval, lambda: None)
    client.link.loseConnection()


async def all_at_once(proxy: Live, least: float, most: float) -> list[str]:
    """Clients side by side, their intervals spread evenly; the targets that each must have been asked for once."""
    step = (most - least) / (CLIENTS - 1)
    clients = [
        ensureDeferred(post_at_intervals(proxy, f"{number}", least + number * step)) for number in range(CLIENTS)
    ]
    await DeferredList(clients, fireOnOneErrback=True, consumeErrors=True)
    return sorted(f"/{number}/{round_}" for number in range(CLIENTS) for round_ in range(ROUNDS + 1))


@pytest.mark.parametrize(
    ("limit", "least", "most"),
    [(5.0, 4.9, 5.1), (0.5, 0.45, 0.55), (0.9, 0.85, 0.95)],
    ids=["uvicorn, hence vLLM", "within the second in which a POST takes a rested connection", "at its end"],
)
@pytest_twisted.ensureDeferred
async def test_posts_that_come_as_the_service_closes(reactor: Any, limit: float, least: float, most: float) -> None:
    service = Impatient(reactor, limit)
    async with live(reactor, service) as proxy:
        expected = await all_at_once(proxy, least, most)
        assert sorted(asked.target for asked in service.asked) == expected


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
