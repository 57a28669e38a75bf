"""Limits and shortages while a large body is on its way count in the same manner, whichever way it takes."""

from __future__ import annotations

from time import monotonic, thread_time
from typing import Any

import pytest
import pytest_twisted

from tests.integration.large import GET, HEAD, MIB, PATIENCE, PUT, SIZE, Mute, large, noise, under_way
from tests.net.test_pipe_pool import no_descriptors
from webproxy.settings.policies import choose

IMPATIENT = choose([], {"default": "1s", "long": "1s", "download": "1s"})[0]


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
    piece = noise(8 * MIB)
    async with large(reactor, Mute, policies=IMPATIENT) as the:
        client, service = await under_way(the, way, GET, HEAD)
        for _ in range(7):
            await the.proxy.passes(0.4)
            service.says(piece)
        await client.until(lambda: bool(client.bodies), PATIENCE)
        assert (await the.record()).closed_by == ""


@pytest.mark.parametrize("who", ["client", "service"])
@pytest_twisted.ensureDeferred
async def test_an_upload_in_which_nothing_moves(reactor: Any, way: str, who: str) -> None:
    rest = noise(56 * MIB)  # made now: while it is made, nothing moves either
    async with large(reactor, Mute, policies=IMPATIENT) as the:
        client, service = await under_way(the, way, PUT)
        if who == "service":
            service.link.pauseProducing()
            client.says(rest)
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
async def test_drain_waits_for_a_large_body(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, drain=30.0) as the:
        client, service = await under_way(the, way, GET, HEAD)
        stopped: Any = the.proxy.service.stopService()
        service.says(noise(56 * MIB))
        await client.until(lambda: bool(client.bodies), PATIENCE)
        assert client.bodies[0][0] == SIZE
        await stopped
        assert (await the.record()).closed_by == ""


@pytest_twisted.ensureDeferred
async def test_what_is_not_drained_in_time_is_cut(reactor: Any, way: str) -> None:
    async with large(reactor, Mute, drain=0.2) as the:
        client, service = await under_way(the, way, GET, HEAD)
        await the.proxy.service.stopService()
        await service.gone()
        await client.gone()
        assert (await the.record()).closed_by == "drain"


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


@pytest_twisted.ensureDeferred
async def test_no_turn_of_the_reactor_is_long_however_many_bodies_run(reactor: Any) -> None:
    """Counted in our own CPU time, so that it says something on a busy machine too."""
    async with large(reactor) as the:
        client = await the.client()
        client.says(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % (5 * MIB))
        await client.until(lambda: bool(client.bodies), PATIENCE)
        turns: list[float] = []
        for ready in the.proxy.service._relays._sets or ():

            def look(look: Any = ready.doRead) -> None:
                began = thread_time()
                look()
                turns.append(thread_time() - began)

            ready.doRead = look  # type: ignore[method-assign]
        clients = [await the.client() for _ in range(10)]
        for client in clients:
            client.says(b"GET /%d HTTP/1.1\r\nHost: h\r\n\r\n" % (16 * MIB))
        await clients[0].until(lambda: all(client.bodies for client in clients), PATIENCE)
        assert len(turns) > 20
        assert max(turns) < 0.01
