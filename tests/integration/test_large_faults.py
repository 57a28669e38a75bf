"""What goes wrong while a large body is on its way ends in the same manner, whichever way it takes."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone

from tests.integration.large import MIB, PATIENCE, Mute, large, noise
from tests.net.test_pipe_pool import no_descriptors
from webproxy.settings.policies import choose

if TYPE_CHECKING:
    from tests.integration.large import Counting, Large
    from tests.integration.live import Peer

SIZE = 64 * MIB
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % SIZE
GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
PUT = b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % SIZE
IMPATIENT = choose([], {"default": "1s", "long": "1s", "download": "1s"})[0]


@pytest.fixture(params=["relayed", "copied", "by Python"])
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def choose_way(the: Large, way: str) -> None:
    """Let bodies go this way."""
    if way == "copied":
        the.proxy.service._relays._pipes._most = 0
    elif way == "by Python":
        the.without_relays()


async def under_way(the: Large, way: str, request: bytes, answer: bytes = b"") -> tuple[Counting, Any]:
    """A body is on its way; the client, and the service."""
    choose_way(the, way)
    client = await the.client()
    client.says(request + (noise(8 * MIB) if request is PUT else b""))
    service: Any = await the.proxy.internal.peer()
    await service.until(lambda: bool(service.heads))
    if answer:
        service.says(answer + noise(8 * MIB))
    hearer = client if answer else service
    await hearer.until(lambda: hearer.size == 8 * MIB, PATIENCE)
    assert len(the.joined) == (way != "by Python")
    return client, service


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
async def test_a_reader_that_stalls_beyond_its_limit(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, policies=IMPATIENT) as the:
        client, service = await under_way(the, way, GET, HEAD)
        client.link.pauseProducing()
        began = monotonic()
        service.says(noise(56 * MIB))
        await service.gone()
        assert monotonic() - began > 0.7
        client.link.abortConnection()
        record = await the.record()
        assert (record.closed_by, record.note) == ("idle", "nothing moved for 1 s")


@pytest_twisted.ensureDeferred
async def test_a_service_that_falls_silent_beyond_its_limit(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, policies=IMPATIENT) as the:
        client, service = await under_way(the, way, GET, HEAD)
        await service.gone()
        await client.gone()
        assert (await the.record()).closed_by == "idle"
        assert client.bodies == []


@pytest_twisted.ensureDeferred
async def test_whoever_goes_on_slowly_keeps_the_exchange(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, policies=IMPATIENT) as the:
        client, service = await under_way(the, way, GET, HEAD)
        for _ in range(7):
            await the.proxy.passes(0.4)
            service.says(noise(8 * MIB))
        await client.until(lambda: bool(client.bodies), PATIENCE)
        assert (await the.record()).closed_by == ""


@pytest.mark.parametrize("who", ["client", "service"])
@pytest_twisted.ensureDeferred
async def test_an_upload_in_which_nothing_moves(reactor: Any, way: str, who: str) -> None:
    async with large(reactor, Mute, policies=IMPATIENT) as the:
        client, service = await under_way(the, way, PUT)
        if who == "service":
            service.link.pauseProducing()
            client.says(noise(56 * MIB))
        await client.until(lambda: bool(client.heads))
        assert client.heads[0].startswith(b"HTTP/1.1 408 " if who == "client" else b"HTTP/1.1 504 ")
        service.link.resumeProducing()
        await service.gone()
        client.link.abortConnection()
        assert (await the.record()).closed_by == "idle"


@pytest_twisted.ensureDeferred
async def test_an_upload_that_is_too_slow(reactor: Any, way: str) -> None:
    async with large(reactor, Mute) as the:
        the.proxy.bounded(upload_rate=1e9, upload_grace=0.5)
        client, service = await under_way(the, way, PUT)
        await the.proxy.passes(1.0)
        client.says(b"a little more")
        await client.until(lambda: bool(client.heads))
        assert client.heads[0].startswith(b"HTTP/1.1 408 ")
        await service.gone()
        client.link.abortConnection()
        assert (await the.record()).status == 408


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


@pytest_twisted.ensureDeferred
async def test_drain_waits_for_a_large_body(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, drain=30.0) as the:
        client, service = await under_way(the, way, GET, HEAD)
        stopped: Any = the.proxy.service.stopService()
        service.says(noise(56 * MIB))
        await client.until(lambda: bool(client.bodies), PATIENCE)
        assert client.bodies[0][0] == SIZE
        await stopped
        assert (await the.record()).closed_by == ""
        the.proxy.service.stopService = stopped_already  # type: ignore[method-assign]


def stopped_already() -> Any:
    from twisted.internet.defer import succeed

    return succeed(None)


@pytest_twisted.ensureDeferred
async def test_what_is_not_drained_in_time_is_cut(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, drain=0.2) as the:
        client, service = await under_way(the, way, GET, HEAD)
        await the.proxy.service.stopService()
        await service.gone()
        await client.gone()
        assert (await the.record()).closed_by == "drain"
        the.proxy.service.stopService = stopped_already  # type: ignore[method-assign]


@pytest.mark.parametrize("when", ["before the first relay", "later"])
@pytest_twisted.ensureDeferred
async def test_out_of_descriptors(reactor: Any, when: str) -> None:
    async with large(reactor) as the:
        client = await the.client()
        client.says(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % (5 if when != "later" else 5 * MIB))
        await client.until(lambda: len(client.bodies) == 1, PATIENCE)
        the.proxy.service._relays._pipes.close()  # none rests
        the.proxy.service._relays._pipes._most = 40
        with no_descriptors():
            client.says(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % (9 * MIB))
            await client.until(lambda: len(client.bodies) == 2, PATIENCE)
            body = noise(8 * MIB)
            client.says(b"PUT /8 HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            await client.until(lambda: len(client.bodies) == 3, PATIENCE)
        assert client.bodies[1][0] == 9 * MIB
        assert [record.closed_by for record in the.records] == ["", "", ""]
        assert len(the.joined) == (3 if when == "later" else 0)
