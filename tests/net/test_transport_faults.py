"""What a transport makes of protocols and producers that break, and of ends within ends."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionAborted, ConnectionDone

from tests.peers import HalfRecorder, Recorder, logged_failures, serving, until

pytestmark = pytest.mark.usefixtures("loop")

MIB = 1024 * 1024
SILENCE = 0.05


class Breaks(HalfRecorder):
    """A protocol, and a producer, that raises where it is told to."""

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where

    def _break(self, where: str) -> None:
        if where == self.where:
            raise ZeroDivisionError(where)

    def connectionMade(self) -> None:
        super().connectionMade()
        self._break("connectionMade")

    def dataReceived(self, data: bytes) -> None:
        self._break("dataReceived")

    def writeConnectionLost(self) -> None:
        self._break("writeConnectionLost")

    def pauseProducing(self) -> None:
        self._break("pauseProducing")

    def resumeProducing(self) -> None:
        self._break("resumeProducing")

    def stopProducing(self) -> None:
        self._break("stopProducing")


def provoke(ours: Any, peer: Any, where: str) -> None:
    """Bring about the call that breaks."""
    if where == "dataReceived":
        peer.say(b"anything")
    elif where == "writeConnectionLost":
        ours.transport.loseWriteConnection()
    elif where == "pull":
        ours.where = "resumeProducing"
        ours.transport.registerProducer(ours, False)
    elif where != "connectionMade":
        ours.transport.registerProducer(ours, True)
        ours.transport.write(b"x" * 8 * MIB)  # and who reads it to its end brings about the call to resume


@pytest.mark.parametrize(
    "where", ["connectionMade", "dataReceived", "writeConnectionLost", "pauseProducing", "resumeProducing", "pull"]
)
@pytest_twisted.ensureDeferred
async def test_what_a_broken_protocol_left_unfinished_does_not_look_finished(reactor: Any, where: str) -> None:
    with logged_failures() as failures:
        async with serving(reactor, lambda: Breaks(where)) as served:
            ours, peer = await served.connected(receive_buffer=65536)
            provoke(ours, peer, where)
            if where != "writeConnectionLost":  # there, our FIN was out already
                with pytest.raises(ConnectionResetError):
                    await peer.read_to_end()
            await until(reactor, lambda: ours.lost, "the connection was lost")
            assert isinstance(ours.reason, ZeroDivisionError)
            assert ours.events[-1] == "lost"
    assert [str(failure) for failure in failures] == ["resumeProducing" if where == "pull" else where]


@pytest_twisted.ensureDeferred
async def test_a_producer_that_cannot_be_stopped_does_not_hide_the_end(reactor: Any) -> None:
    with logged_failures() as failures:
        async with serving(reactor, lambda: Breaks("stopProducing")) as served:
            ours, peer = await served.connected()
            ours.transport.registerProducer(ours, True)
            peer.reset()
            await until(reactor, lambda: ours.lost, "the connection was lost")
    assert [str(failure) for failure in failures] == ["stopProducing"]


@pytest_twisted.ensureDeferred
async def test_the_first_reason_to_abort_is_the_one_told(reactor: Any) -> None:
    class AbortsAndBreaks(Recorder):
        def pauseProducing(self) -> None:
            self.transport.abortConnection()  # type: ignore[union-attr]
            raise ZeroDivisionError

        resumeProducing = stopProducing = lambda self: None

    with logged_failures() as failures:
        async with serving(reactor, AbortsAndBreaks) as served:
            ours, _ = await served.connected(receive_buffer=4096)
            ours.transport.registerProducer(ours, True)
            ours.transport.write(b"x" * 8 * MIB)
            await until(reactor, lambda: ours.lost, "the connection was lost")
            assert isinstance(ours.reason, ConnectionAborted)
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


@pytest_twisted.ensureDeferred
async def test_an_abort_from_within_the_connection_being_made(reactor: Any) -> None:
    class Declines(Recorder):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.abortConnection()  # type: ignore[union-attr]

    async with serving(reactor, Declines) as served:
        peer = served.dial()
        with pytest.raises(ConnectionResetError):
            await peer.read_to_end()
        await until(reactor, lambda: served.protocols[0].lost, "the protocol was told")
        assert served.protocols[0].events == ["made", "lost"]


@pytest_twisted.ensureDeferred
async def test_the_end_of_a_peer_that_takes_nothing_does_not_wait_for_it(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.write(b"x" * 8 * MIB)
        peer.finish()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert isinstance(ours.reason, ConnectionDone)
