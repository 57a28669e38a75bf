"""Every byte right, whichever way it takes: around the size from which on bodies leave Python, and in every company."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred, gatherResults

from tests.integration.large import MIB, PATIENCE, large, noise
from webproxy.resources.bypass import THRESHOLD

if TYPE_CHECKING:
    from tests.integration.large import Counting

SIZES = [0, 1, THRESHOLD - 1, THRESHOLD, THRESHOLD + 1, MIB, 5 * MIB + 3]


def put(size: int) -> bytes:
    return b"PUT /%d HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % (size, size) + noise(size)


def get(size: int, how: bytes = b"GET", fields: bytes = b"") -> bytes:
    return b"%b /%d HTTP/1.1\r\nHost: h\r\n%b\r\n" % (how, size, fields)


def told(size: int) -> tuple[int, bytes]:
    """What a client is told of an upload."""
    return 64, sha256(sha256(noise(size)).hexdigest().encode()).digest()


def sent(size: int) -> tuple[int, bytes]:
    """What a client gets of a download."""
    return size, sha256(noise(size)).digest()


async def bodies(client: Counting, count: int) -> list[tuple[int, bytes]]:
    await client.until(lambda: len(client.bodies) == count, PATIENCE)
    return client.bodies


@pytest.mark.parametrize("size", SIZES)
@pytest_twisted.ensureDeferred
async def test_a_download(reactor: Any, way: str, size: int) -> None:
    async with large(reactor) as the:
        the.choose(way)
        client = await the.client()
        client.says(get(size))
        assert await bodies(client, 1) == [sent(size)]
        client.says(get(5))
        assert await bodies(client, 2) == [sent(size), sent(5)]
        assert [record.sent - size for record in the.records[:1]] == [len(client.heads[0]) + 4]
        assert len(the.joined) == (way != "by Python" and size > 4 * MIB), (
            "smaller ones come with their head, or nearly"
        )


@pytest.mark.parametrize("size", SIZES)
@pytest_twisted.ensureDeferred
async def test_a_download_until_close(reactor: Any, way: str, size: int) -> None:
    async with large(reactor) as the:
        the.choose(way)
        client = await the.client()
        client.says(b"GET /close/%d HTTP/1.1\r\nHost: h\r\n\r\n" % size)
        await client.gone(PATIENCE)
        assert (client.size, client.digest) == sent(size)
        record = await the.record()
        assert (record.closed_by, record.sent - size) == ("", len(client.heads[0]) + 4)


@pytest.mark.parametrize("size", SIZES)
@pytest_twisted.ensureDeferred
async def test_an_upload(reactor: Any, way: str, size: int) -> None:
    async with large(reactor) as the:
        the.choose(way)
        client = await the.client()
        client.says(put(size))
        assert await bodies(client, 1) == [told(size)]
        assert the.records[0].received == size
        client.says(put(5))
        assert await bodies(client, 2) == [told(size), told(5)]
        assert len(the.joined) == (way != "by Python" and size > 4 * MIB)


@pytest_twisted.ensureDeferred
async def test_one_connection_carries_all_kinds_in_turn(reactor: Any, way: str) -> None:
    kinds = [5 * MIB, 5, 0, 3 * MIB + 1, 70_000]
    async with large(reactor) as the:
        the.choose(way)
        client = await the.client()
        expected = []
        for size in kinds:
            client.says(get(size))
            expected.append(sent(size))
            assert await bodies(client, len(expected)) == expected
            client.says(put(size))
            expected.append(told(size))
            assert await bodies(client, len(expected)) == expected
        assert len(the.proxy.internal.peers) <= 3, "connections to the service live on"


@pytest_twisted.ensureDeferred
async def test_requests_wait_behind_a_large_answer(reactor: Any, way: str) -> None:
    async with large(reactor) as the:
        the.choose(way)
        client = await the.client()
        client.says(get(5 * MIB) + get(7) + put(3 * MIB) + get(4 * MIB) + get(9))
        expected = [sent(5 * MIB), sent(7), told(3 * MIB), sent(4 * MIB), sent(9)]
        assert await bodies(client, 5) == expected


@pytest_twisted.ensureDeferred
async def test_sixty_four_at_once(reactor: Any, way: str) -> None:
    async with large(reactor) as the:
        the.choose(way)
        clients = [await the.client() for _ in range(64)]
        for number, client in enumerate(clients):
            client.says(get(3 * MIB + number) if number % 2 else put(3 * MIB + number))
        waits = [Deferred.fromCoroutine(bodies(client, 1)) for client in clients]
        came = await gatherResults(waits, consumeErrors=True)
        expected = [[(sent if number % 2 else told)(3 * MIB + number)] for number in range(64)]
        assert came == expected


@pytest_twisted.ensureDeferred
async def test_head_has_no_body_however_large_it_would_be(reactor: Any) -> None:
    async with large(reactor) as the:
        client = await the.client()
        client.to_head = True
        client.says(get(5 * MIB, b"HEAD"))
        await client.until(lambda: len(client.heads) == 1)
        assert b"5242880" in client.heads[0]
        client.to_head = False
        client.says(get(6))
        await client.until(lambda: sent(6) in client.bodies)
        assert the.joined == []


@pytest_twisted.ensureDeferred
async def test_a_large_part_of_something_larger(reactor: Any, way: str) -> None:
    async with large(reactor) as the:
        the.choose(way)
        client = await the.client()
        client.says(get(7 * MIB, fields=b"Range: bytes=%d-\r\n" % MIB))
        whole = noise(7 * MIB)[MIB:]
        assert await bodies(client, 1) == [(6 * MIB, sha256(whole).digest())]
        assert client.heads[0].startswith(b"HTTP/1.1 206 ")
