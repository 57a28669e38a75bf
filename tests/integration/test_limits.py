"""Every limit of a client connection, over real sockets; the times shortened, the sizes as they are."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.live import Live, Peer, live
from tests.integration.scribe import ITS_ANSWER, NEXT, desk, only_answer

if TYPE_CHECKING:
    from tests.independent import Message

GET = b"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 21:13:52 GMT\r\nContent-Length: 2\r\n\r\nok"
SIZED = b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1001\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"


async def answered(proxy: Live, data: bytes) -> Message:
    """The answer that a client gets who says this, and then the end of its connection."""
    client = await proxy.client()
    client.says(data)
    await client.gone()
    return only_answer(client.received)


def head_of(size: int) -> bytes:
    """A request's head of exactly this size."""
    return GET[:-2] + b"X: " + b"x" * (size - len(GET) - 5) + b"\r\n\r\n"


def head_with(fields: int) -> bytes:
    """A request's head with exactly this many fields."""
    return GET[:-2] + b"".join(b"X-%d: 1\r\n" % number for number in range(fields - 1)) + b"\r\n"


def head_for(target: int) -> bytes:
    """A request's head whose target has exactly this size."""
    return GET.replace(b" / ", b" /" + b"x" * (target - 1) + b" ")


@pytest.mark.parametrize(
    ("within", "beyond", "status"),
    [
        pytest.param(head_of(65536), head_of(65537), b"431", id="rfc6585-5 a head of 64 KiB"),
        pytest.param(head_with(200), head_with(201), b"431", id="rfc6585-5 200 fields"),
        pytest.param(head_for(16384), head_for(16385), b"414", id="rfc9110-15.5.15 a target of 16 KiB"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_sizes_of_a_head(reactor: Any, within: bytes, beyond: bytes, status: bytes) -> None:
    async with desk(reactor) as at_desk:
        client = await at_desk.asks(within)
        await client.until(lambda: client.received == ITS_ANSWER)
        assert (await answered(at_desk.proxy, beyond)).start == (status,)
        assert len(at_desk.scribe.peers) == 1
        await at_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_rfc9110_15_5_9_a_head_has_its_time_from_its_first_byte_on(reactor: Any) -> None:
    async with live(reactor) as proxy:
        proxy.bounded(head_time=1.0)
        client = await proxy.client()
        began = monotonic()
        for at in range(len(GET) - 4):
            client.says(GET[at : at + 1])
            await proxy.passes(0.1)
            if client.received:
                break
        assert 1.0 <= client.pieces[0][0] - began < 2.0
        await client.gone()
        answer = only_answer(client.received)
        assert answer.start == (b"408",)
        assert b"within 1 s" in answer.body
        assert not proxy.internal.peers


@pytest_twisted.ensureDeferred
async def test_rfc9110_15_5_9_a_connection_that_says_nothing_never_gets_a_408(reactor: Any) -> None:
    """Chrome connects ahead of need, and takes a 408 for the answer to its next request."""
    async with live(reactor) as proxy:
        proxy.bounded(head_time=0.1, keep_alive=0.8)
        began = monotonic()
        client = await proxy.client()
        assert 0.8 <= await client.gone() - began < 2.0
        assert client.received == b""


@pytest_twisted.ensureDeferred
async def test_rfc9112_9_5_a_connection_that_rests_is_closed_without_a_word(reactor: Any) -> None:
    async with desk(reactor) as at_desk:
        at_desk.proxy.bounded(head_time=0.1, keep_alive=0.8)
        client = await at_desk.asks(NEXT)
        await client.until(lambda: client.received == ITS_ANSWER)
        began = monotonic()
        assert 0.6 <= await client.gone() - began < 2.0
        assert client.received == ITS_ANSWER


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SIZED + b"x" * 1001, id="at once"),
        pytest.param(SIZED, id="announced"),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n",
            id="held back",
        ),
        pytest.param(CHUNKED + b"3e9\r\n" + b"x" * 1001 + b"\r\n0\r\n\r\n", id="chunked"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_rfc9110_15_5_14_a_body_beyond_max_body(reactor: Any, data: bytes) -> None:
    async with desk(reactor, max_body=1000) as at_desk:
        answer = await answered(at_desk.proxy, data)
        assert answer.start == (b"413",)
        assert b"1000 bytes" in answer.body
        assert at_desk.scribe.heard == b""
        await at_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_rfc9110_15_5_14_a_chunked_body_is_cut_when_it_goes_beyond_max_body(reactor: Any) -> None:
    async with live(reactor, max_body=1000) as proxy:
        client = await proxy.client()
        client.says(CHUNKED + b"1f4\r\n" + b"x" * 500 + b"\r\n")
        upstream = await proxy.internal.peer()
        await upstream.hears(b"x\r\n")
        client.says(b"1f4\r\n" + b"x" * 500 + b"\r\n")
        await client.gone()
        await upstream.gone()
        assert only_answer(client.received).start == (b"413",)
        assert upstream.received == b""


@pytest_twisted.ensureDeferred
async def test_rfc9110_15_6_4_connections_in_all(reactor: Any) -> None:
    async with desk(reactor, max_connections=2) as at_desk:
        first, _ = await at_desk.asks(b""), await at_desk.asks(b"")
        await settled(at_desk.proxy, 2)
        answer = await answered(at_desk.proxy, b"")
        assert answer.start == (b"503",)
        assert b"webproxy: too many clients are connected" in answer.body
        first.link.abortConnection()
        await settled(at_desk.proxy, 1)
        await at_desk.next_is_fine()


@pytest_twisted.ensureDeferred
async def test_rfc6585_4_connections_of_one_address(reactor: Any) -> None:
    async with desk(reactor, max_connections_per_address=2) as at_desk:
        first, _ = await at_desk.asks(b""), await at_desk.asks(b"")
        await settled(at_desk.proxy, 2)
        answer = await answered(at_desk.proxy, GET)
        assert answer.start == (b"429",)
        assert b"webproxy: too many connections come from your address" in answer.body
        first.link.abortConnection()
        await settled(at_desk.proxy, 1)
        await at_desk.next_is_fine()


async def settled(proxy: Live, count: int) -> None:
    """Wait until the proxy has this many clients."""
    waiting = Peer(proxy.reactor)
    await waiting.until(lambda: len(proxy.service.site.channels) == count)


@pytest_twisted.ensureDeferred
async def test_rfc9112_9_3_2_pipelined_requests_wait_outside_and_are_answered_in_order(reactor: Any) -> None:
    """However many come in one read: one runs, a bounded number waits with us, the rest in the kernel."""
    count = 500
    requests = [b"GET /%d HTTP/1.1\r\nHost: h\r\nX: %b\r\n\r\n" % (number, b"x" * 2000) for number in range(count)]
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(b"".join(requests))
        upstream = await proxy.internal.peer()
        await proxy.passes(0.2)
        (channel,) = proxy.service.site.channels
        assert upstream.received.count(b"GET /") == 1
        assert channel.paused
        assert len(channel._buffer) <= 65536 + 262144  # the bound, and the read that went beyond it
        for number in range(count):
            heard = await upstream.hears(b"\r\n\r\n")
            assert heard.startswith(b"GET /%d " % number)
            upstream.says(OK)
        await client.until(lambda: len(client.received) == count * len(OK))
        assert client.received == OK * count
        assert len(proxy.internal.peers) == 1


@pytest_twisted.ensureDeferred
async def test_rfc9110_15_5_9_an_upload_below_the_least_rate(reactor: Any) -> None:
    async with live(reactor, min_upload_rate=1000) as proxy:
        proxy.bounded(upload_grace=0.5)
        client = await proxy.client()
        client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
        upstream = await proxy.internal.peer()
        while not client.received:
            client.says(b"x")
            await proxy.passes(0.05)
        await client.gone()
        await upstream.gone()
        answer = only_answer(client.received)
        assert answer.start == (b"408",)
        assert b"slower than 1000 bytes a second" in answer.body


@pytest_twisted.ensureDeferred
async def test_an_upload_above_the_least_rate_goes_on(reactor: Any) -> None:
    async with desk(reactor, min_upload_rate=1000) as at_desk:
        at_desk.proxy.bounded(upload_grace=0.2)
        at_desk.scribe.answer = b""
        client = await at_desk.asks(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000\r\n\r\n")
        for _ in range(10):
            client.says(b"x" * 300)
            await at_desk.proxy.passes(0.05)
        await client.until(lambda: at_desk.scribe.heard.endswith(b"x" * 3000))
        at_desk.scribe.pen.says(OK)
        await client.until(lambda: client.received == OK)
