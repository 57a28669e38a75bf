"""What goes wrong while a large body is on its way ends in the same manner, whichever way it takes."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone

from tests.integration.large import GET, HEAD, MIB, PATIENCE, PUT, SIZE, Mute, large, noise, under_way

if TYPE_CHECKING:
    from tests.integration.live import Peer


def leave(peer: Peer, how: str) -> None:
    peer.link.abortConnection() if how == "reset" else peer.link.loseConnection()


HOW = pytest.mark.parametrize("how", ["close", "reset"])


@HOW
@pytest_twisted.ensureDeferred
async def test_the_client_leaves_a_download(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, GET, HEAD)
        leave(client, how)
        await service.gone()
        record = await the.record()
        assert (record.closed_by, record.status) == ("client", 200)
        assert record.sent >= 8 * MIB


@HOW
@pytest_twisted.ensureDeferred
async def test_the_client_leaves_a_download_that_it_does_not_read(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, GET, HEAD)
        client.link.pauseProducing()
        service.says(noise(48 * MIB))
        await the.proxy.passes(0.2)
        leave(client, how)
        await service.gone()
        assert (await the.record()).closed_by == "client"


@HOW
@pytest_twisted.ensureDeferred
async def test_the_service_leaves_a_download(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, GET, HEAD)
        leave(service, how)
        await client.gone()
        record = await the.record()
        assert (record.closed_by, client.size, client.bodies) == ("upstream", 8 * MIB, [])
        assert record.sent == 8 * MIB + len(client.heads[0]) + 4


@pytest_twisted.ensureDeferred
async def test_a_download_that_is_short_by_one_byte_is_not_whole(reactor: Any, way: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, GET, HEAD)
        service.says(noise(56 * MIB)[:-1])
        service.link.loseConnection()
        await client.gone(PATIENCE)
        assert (client.size, client.bodies) == (SIZE - 1, [])
        assert (await the.record()).closed_by == "upstream"


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest_twisted.ensureDeferred
async def test_only_a_clean_end_ends_what_lasts_until_close(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, GET, b"HTTP/1.1 200 OK\r\n\r\n")
        leave(service, how)
        await client.gone()
        assert client.reason is not None
        assert bool(client.reason.check(ConnectionDone)) is (how == "close")
        assert (await the.record()).closed_by == ("" if how == "close" else "upstream")


@HOW
@pytest_twisted.ensureDeferred
async def test_the_client_leaves_its_upload(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, PUT)
        leave(client, how)
        await service.gone()
        record = await the.record()
        assert (record.closed_by, record.status) == ("client", 499)
        assert record.received == 8 * MIB


@HOW
@pytest_twisted.ensureDeferred
async def test_the_client_leaves_its_upload_while_the_service_does_not_read(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, PUT)
        service.link.pauseProducing()
        client.says(noise(48 * MIB))
        await the.proxy.passes(0.2)
        if how == "close":
            client.link.abortConnection()  # a close would wait for what has not been taken
        else:
            leave(client, how)
        assert (await the.record()).closed_by == "client"
        service.link.resumeProducing()
        await service.gone()


@HOW
@pytest_twisted.ensureDeferred
async def test_the_service_leaves_an_upload(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, PUT)
        leave(service, how)
        await client.until(lambda: bool(client.heads))
        assert client.heads[0].startswith(b"HTTP/1.1 502 ")
        client.link.abortConnection()
        assert (await the.record()).closed_by == "upstream"


@pytest.mark.parametrize("how", ["close", "stay"])
@pytest_twisted.ensureDeferred
async def test_the_service_refuses_an_upload_that_it_does_not_read(reactor: Any, way: str, how: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, PUT)
        service.link.pauseProducing()
        client.says(noise(16 * MIB))
        await the.proxy.passes(0.1)
        service.says(b"HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nlong")
        if how == "close":
            service.link.loseConnection()
        await client.until(lambda: bool(client.bodies))
        assert client.heads[0].startswith(b"HTTP/1.1 413 ")
        service.link.resumeProducing()
        await service.gone()
        client.link.abortConnection()
        assert (await the.record()).status == 413


@pytest_twisted.ensureDeferred
async def test_what_a_service_says_behind_its_body_answers_nobody(reactor: Any, way: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, GET, HEAD)
        client.says(GET)
        service.says(noise(56 * MIB) + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil")
        again: Any = await the.proxy.internal.peer(1)
        await again.until(lambda: bool(again.heads), PATIENCE)
        again.says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nsound")
        await client.until(lambda: len(client.bodies) == 2, PATIENCE)
        assert client.bodies[1] == (5, sha256(b"sound").digest())
        await service.gone()


@pytest_twisted.ensureDeferred
async def test_an_answer_may_go_on_while_the_body_comes(reactor: Any, way: str) -> None:
    async with large(reactor, Mute) as the:
        client, service = await under_way(the, way, PUT)
        service.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (5 * MIB) + noise(2 * MIB))
        await client.until(lambda: client.size == 2 * MIB)
        client.says(noise(56 * MIB))
        await service.until(lambda: bool(service.bodies), PATIENCE)
        assert service.bodies[0][0] == SIZE
        service.says(noise(3 * MIB))
        await client.until(lambda: bool(client.bodies))
        assert client.bodies[0][0] == 5 * MIB
        assert (await the.record()).closed_by == ""


@pytest_twisted.ensureDeferred
async def test_a_service_whose_answer_is_drained_although_the_client_left(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, on_disconnect="drain") as the:
        client, service = await under_way(the, way, GET, HEAD)
        client.link.abortConnection()
        await the.record()
        service.says(noise(56 * MIB))
        again = await the.client()
        again.says(GET)
        await service.until(lambda: len(service.heads) == 2 or len(the.proxy.internal.peers) > 1, PATIENCE)
        assert service.ended is None
