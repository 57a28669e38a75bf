"""What a transport promises to whoever writes to it, on uvloop's as on Twisted's own."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from tests.peers import PullSource, PushSource, serving, until

MIB = 1024 * 1024


@pytest_twisted.ensureDeferred
async def test_pieces_arrive_in_the_order_they_were_written(reactor: Any) -> None:
    pieces = [b"%d," % number for number in range(1000)] + [b"x" * MIB, b"the end"]
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        for piece in pieces[:500]:
            ours.transport.write(piece)
        ours.transport.writeSequence(pieces[500:1001])
        ours.transport.write(pieces[1001])
        ours.transport.loseConnection()
        assert await peer.read_to_end() == b"".join(pieces)


@pytest_twisted.ensureDeferred
async def test_empty_pieces_are_no_pieces(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.write(b"")
        ours.transport.writeSequence([])
        ours.transport.writeSequence([b"", b"a", b"", b"b"])
        assert await peer.read_exactly(2) == b"ab"


@pytest_twisted.ensureDeferred
async def test_a_slow_reader_pauses_the_producer_and_a_fast_one_resumes_it(reactor: Any) -> None:
    data = bytes(range(256)) * (32 * 1024)
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=65536)
        source = PushSource()
        ours.transport.registerProducer(source, True)
        ours.transport.write(data)
        await until(reactor, lambda: source.events == ["pause"], "the producer was paused")
        assert await peer.read_exactly(len(data)) == data
        await until(reactor, lambda: source.events == ["pause", "resume"], "the producer was resumed")
        ours.transport.unregisterProducer()
        ours.transport.write(data)
        assert await peer.read_exactly(len(data)) == data
        assert source.events == ["pause", "resume"]


@pytest_twisted.ensureDeferred
async def test_a_producer_writes_on_from_within_its_resumption(reactor: Any) -> None:
    class Pump(PushSource):
        def __init__(self, transport: Any) -> None:
            super().__init__()
            self.transport = transport
            self.left = 30
            self.running = False

        def resumeProducing(self) -> None:
            self.running = True
            while self.running and self.left:
                self.left -= 1
                self.transport.write(b"%02d" % self.left * 50_000)
            if not self.left:
                self.transport.unregisterProducer()
                self.transport.loseConnection()

        def pauseProducing(self) -> None:
            self.running = False

    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        pump = Pump(ours.transport)
        ours.transport.registerProducer(pump, True)
        pump.resumeProducing()
        expected = b"".join(b"%02d" % number * 50_000 for number in range(29, -1, -1))
        assert await peer.read_to_end() == expected


@pytest_twisted.ensureDeferred
async def test_a_pull_producer_is_asked_until_it_has_no_more(reactor: Any) -> None:
    pieces = [bytes([number]) * 100_000 for number in range(60)]
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        source = PullSource(ours.transport, list(pieces))
        ours.transport.registerProducer(source, False)
        assert await peer.read_exactly(6_000_000) == b"".join(pieces)
        assert source.events == ["asked"] * 60


@pytest_twisted.ensureDeferred
async def test_a_pull_producer_is_not_asked_while_the_reader_lags(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        source = PullSource(ours.transport, [b"x" * 100_000 for _ in range(200)])
        ours.transport.registerProducer(source, False)
        asked = -1
        while asked != len(source.events):
            asked = len(source.events)
            await peer.read(1)
            await deferLater(reactor, 0.1)
        assert asked < 100, "the kernel's buffers cannot have taken that much"


@pytest.mark.parametrize("streaming", [True, False])
@pytest_twisted.ensureDeferred
async def test_a_second_producer_is_refused(reactor: Any, streaming: bool) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        ours.transport.registerProducer(PushSource(), True)
        with pytest.raises(RuntimeError, match="unregistered"):
            ours.transport.registerProducer(PushSource(), streaming)


@pytest.mark.parametrize("streaming", [True, False])
@pytest_twisted.ensureDeferred
async def test_the_end_stops_the_producer_before_the_protocol_hears_of_it(reactor: Any, streaming: bool) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected(receive_buffer=4096)
        source = PullSource(ours.transport, [b"x" * MIB] * 100)
        source.events = ours.events
        ours.transport.registerProducer(source, streaming)
        await until(reactor, lambda: streaming or "asked" in ours.events, "the producer was asked")
        ours.transport.abortConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.events[-2:] == ["stop", "lost"]


@pytest_twisted.ensureDeferred
async def test_a_producer_that_comes_too_late_is_stopped(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        transport = ours.transport
        transport.abortConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        source = PushSource()
        transport.registerProducer(source, True)
        assert source.events == ["stop"]


@pytest_twisted.ensureDeferred
async def test_writing_after_the_end_is_ignored(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        transport = ours.transport
        transport.write(b"last words")
        transport.loseConnection()
        assert await peer.read_to_end() == b"last words"
        await until(reactor, lambda: ours.lost, "the connection was lost")
        transport.write(b"nobody hears this")
        transport.writeSequence([b"nor", b"this"])
        transport.loseConnection()
        transport.abortConnection()
        assert ours.events == ["made", "lost"]
