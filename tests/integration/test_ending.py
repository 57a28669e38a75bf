"""How connections end, on uvloop's transports as on Twisted's own: what the peer sees and what the protocol is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.internet.task import deferLater

from tests.peers import HalfRecorder, PushSource, Recorder, logged_failures, serving, until

if TYPE_CHECKING:
    from twisted.python.failure import Failure

MIB = 1024 * 1024
SILENCE = 0.05


@pytest_twisted.ensureDeferred
async def test_losing_the_connection_flushes_first(reactor: Any) -> None:
    data = b"0123456789abcdef" * (MIB // 4)
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.write(data)
        ours.transport.loseConnection()
        assert ours.transport.disconnecting
        assert await peer.read_to_end() == data
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.events == ["made", "lost"]
        assert isinstance(ours.reason, ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_losing_the_connection_from_within_a_read(reactor: Any) -> None:
    class Answers(Recorder):
        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            self.transport.write(b"bye")  # type: ignore[union-attr]
            self.transport.loseConnection()  # type: ignore[union-attr]

    async with serving(reactor, Answers) as served:
        ours, peer = await served.connected()
        peer.say(b"hello")
        assert await peer.read_to_end() == b"bye"
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert isinstance(ours.reason, ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_aborting_resets_and_drops_what_is_unsent(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.write(b"x" * 8 * MIB)
        ours.transport.abortConnection()
        ours.transport.abortConnection()
        with pytest.raises(ConnectionResetError):
            await peer.read_to_end()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.events == ["made", "lost"]
        assert isinstance(ours.reason, ConnectionAborted)


@pytest_twisted.ensureDeferred
async def test_aborting_ends_a_close_that_cannot_be_flushed(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.write(b"x" * 8 * MIB)
        ours.transport.loseConnection()
        await deferLater(reactor, SILENCE)
        assert not ours.lost
        ours.transport.abortConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert isinstance(ours.reason, ConnectionAborted)
        with pytest.raises(ConnectionResetError):
            await peer.read_to_end()


@pytest_twisted.ensureDeferred
async def test_the_peer_closes(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        peer.say(b"last words")
        peer.close()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.received == b"last words"
        assert ours.events == ["made", "lost"]
        assert isinstance(ours.reason, ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_the_peer_resets(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        source = PushSource()
        ours.transport.registerProducer(source, True)
        peer.reset()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.events == ["made", "lost"]
        assert source.events == ["stop"]
        assert isinstance(ours.reason, ConnectionLost)


@pytest_twisted.ensureDeferred
async def test_the_peer_resets_while_we_write(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.pauseProducing()
        ours.transport.write(b"x" * 8 * MIB)
        peer.reset()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert isinstance(ours.reason, ConnectionLost)


@pytest_twisted.ensureDeferred
async def test_a_half_closing_peer_may_still_read(reactor: Any) -> None:
    async with serving(reactor, HalfRecorder) as served:
        ours, peer = await served.connected()
        peer.say(b"question")
        peer.finish()
        await until(reactor, lambda: "read side closed" in ours.events, "the protocol was told")
        ours.transport.write(b"answer")
        assert await peer.read_exactly(6) == b"answer"
        ours.transport.loseConnection()
        assert await peer.read_to_end() == b""
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.received == b"question"
        assert ours.events == ["made", "read side closed", "lost"]
        assert isinstance(ours.reason, ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_a_half_closing_peer_ends_a_protocol_that_does_not_care(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        peer.finish()
        assert await peer.read_to_end() == b""
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert isinstance(ours.reason, ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_half_closing_flushes_and_reads_on(reactor: Any) -> None:
    data = b"0123456789abcdef" * (MIB // 4)
    async with serving(reactor, HalfRecorder) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.write(data)
        ours.transport.loseWriteConnection()
        ours.transport.loseWriteConnection()
        assert await peer.read_to_end() == data
        await until(reactor, lambda: "write side closed" in ours.events, "the protocol was told")
        peer.say(b"heard")
        await until(reactor, lambda: ours.received == b"heard", "it was read")
        assert ours.events == ["made", "write side closed"]
        peer.close()
        await until(reactor, lambda: "read side closed" in ours.events, "the protocol was told")
        ours.transport.loseConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")


@pytest_twisted.ensureDeferred
async def test_half_closing_with_nothing_to_flush(reactor: Any) -> None:
    async with serving(reactor, HalfRecorder) as served:
        ours, peer = await served.connected()
        ours.transport.loseWriteConnection()
        assert await peer.read_to_end() == b""
        await until(reactor, lambda: ours.events == ["made", "write side closed"], "the protocol was told")


class Breaks(HalfRecorder):
    """Raises where it is told to."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def _break(self, where: str) -> None:
        if where == self.where:
            raise ZeroDivisionError(where)

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        self._break("dataReceived")

    def readConnectionLost(self) -> None:
        super().readConnectionLost()
        self._break("readConnectionLost")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        super().connectionLost(reason)
        self._break("connectionLost")


@pytest.mark.parametrize("where", ["dataReceived", "readConnectionLost", "connectionLost"])
@pytest_twisted.ensureDeferred
async def test_a_protocol_that_raises_is_logged_and_loses_its_connection(reactor: Any, where: str) -> None:
    with logged_failures() as failures:
        async with serving(reactor, lambda: Breaks(where)) as served:
            ours, peer = await served.connected()
            peer.say(b"anything")
            await until(reactor, lambda: ours.received, "it was read")
            if where == "readConnectionLost":
                peer.finish()
            elif where == "connectionLost":
                peer.reset()
            await until(reactor, lambda: ours.lost, "the connection was lost")
            await deferLater(reactor, 0)
            assert ours.events.count("lost") == 1
            assert where == "connectionLost" or isinstance(ours.reason, ZeroDivisionError)
    assert [str(failure) for failure in failures] == [where]
