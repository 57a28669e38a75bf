"""What is particular to transports on uvloop; what they share with Twisted's own is in tests/integration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IConsumer, IPushProducer, ISystemHandle, ITCPTransport
from twisted.internet.task import deferLater
from zope.interface.verify import verifyObject

from tests.peers import HalfRecorder, PullSource, PushSource, Recorder, logged_failures, serving, until
from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    import asyncio

pytestmark = pytest.mark.usefixtures("loop")

MIB = 1024 * 1024
SILENCE = 0.05


@pytest_twisted.ensureDeferred
async def test_it_is_what_twisted_calls_a_transport(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        for interface in (ITCPTransport, IPushProducer, IConsumer, ISystemHandle):
            assert verifyObject(interface, ours.transport)


@pytest_twisted.ensureDeferred
async def test_no_python_of_ours_stands_between_socket_and_protocol(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        transport = ours.transport
        assert transport.data_received == ours.dataReceived
        assert transport.write == transport._uv.write
        assert transport.writeSequence == transport._uv.writelines
        assert not hasattr(transport, "__dict__"), "slots only: there may be ten thousand of these"


@pytest_twisted.ensureDeferred
async def test_every_state_shows(loop: asyncio.AbstractEventLoop, reactor: Any) -> None:
    assert repr(NativeTransport(loop)) == "<NativeTransport new of None>"
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        transport = ours.transport
        assert repr(transport).startswith("<AcceptedTransport connected of <tests.peers.Recorder")
        transport.loseConnection()
        assert repr(transport).startswith("<AcceptedTransport connected+disconnecting of")
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert repr(transport) == "<AcceptedTransport disconnecting+disconnected of None>"


@pytest.mark.parametrize("streaming", [True, False])
@pytest_twisted.ensureDeferred
async def test_a_producer_that_registers_with_a_full_buffer_waits(reactor: Any, streaming: bool) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=65536)
        ours.transport.write(b"x" * 8 * MIB)
        source = PullSource(ours.transport, [b"y"])
        push = PushSource()
        ours.transport.registerProducer(push if streaming else source, streaming)
        await deferLater(reactor, SILENCE)
        assert (push.events, source.events) == (["pause"] if streaming else [], [])
        await peer.read_exactly(8 * MIB)
        await until(reactor, lambda: push.events[1:] or source.events, "the producer was asked")
        assert (push.events, source.events) == ((["pause", "resume"], []) if streaming else ([], ["asked"]))


@pytest_twisted.ensureDeferred
async def test_a_pull_producer_that_unregisters_is_asked_no_more(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        source = PullSource(ours.transport, [b"x"] * 1000)
        ours.transport.registerProducer(source, False)
        ours.transport.unregisterProducer()
        await deferLater(reactor, SILENCE)
        assert source.events == []


@pytest_twisted.ensureDeferred
async def test_closing_does_not_wait_for_a_producer_to_unregister(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=65536)
        source = PushSource()
        ours.transport.registerProducer(source, True)
        ours.transport.write(b"x" * 8 * MIB)
        ours.transport.loseConnection()
        assert len(await peer.read_to_end()) == 8 * MIB
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert isinstance(ours.reason, ConnectionDone)
        assert source.events == ["pause", "stop"], "nothing it wrote now would be sent"


@pytest_twisted.ensureDeferred
async def test_what_is_written_behind_a_close_is_discarded(reactor: Any) -> None:
    async with serving(reactor, HalfRecorder) as served:
        for close in ("loseConnection", "loseWriteConnection", "abortConnection"):
            ours, peer = await served.connected()
            ours.transport.write(b"heard")
            getattr(ours.transport, close)()
            ours.transport.write(b"not heard")
            ours.transport.writeSequence([b"not", b"heard"])
            ours.transport.loseWriteConnection()
            if close == "abortConnection":
                with pytest.raises(ConnectionResetError):
                    await peer.read_to_end()
            else:
                assert await peer.read_to_end() == b"heard"


@pytest_twisted.ensureDeferred
async def test_calls_after_the_end_do_no_harm(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        transport = ours.transport
        peer.close()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        for call in ("loseWriteConnection", "loseConnection", "abortConnection", "stopProducing", "unregisterProducer"):
            getattr(transport, call)()
        transport.pauseProducing()
        transport.resumeProducing()
        transport.protocol = Recorder()
        transport.protocol = None
        assert transport.buffered() == 0
        assert (transport.protocol, transport.fileno()) == (None, -1)
        assert ours.events == ["made", "lost"]


@pytest_twisted.ensureDeferred
async def test_who_is_fed_by_a_transport_may_stop_it(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.stopProducing()
        assert await peer.read_to_end() == b""


@pytest_twisted.ensureDeferred
async def test_the_peers_end_is_told_once_however_often_reading_resumes(reactor: Any) -> None:
    async with serving(reactor, HalfRecorder) as served:
        ours, peer = await served.connected()
        peer.finish()
        await until(reactor, lambda: "read side closed" in ours.events, "the protocol was told")
        ours.transport.resumeProducing()
        ours.transport.pauseProducing()
        ours.transport.resumeProducing()
        await deferLater(reactor, SILENCE)
        assert ours.events == ["made", "read side closed"]


@pytest_twisted.ensureDeferred
async def test_closing_ends_the_wait_for_the_write_side(reactor: Any) -> None:
    async with serving(reactor, HalfRecorder) as served:
        ours, _ = await served.connected()
        ours.transport.loseWriteConnection()
        ours.transport.loseConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert ours.events == ["made", "lost"]


class PausesAtOnce(Recorder):
    """Pauses as soon as it is connected, and raises when it reads what it should not."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.transport.pauseProducing()  # type: ignore[union-attr]

    def dataReceived(self, data: bytes) -> None:
        super().dataReceived(data)
        if data == b"poison":
            raise ZeroDivisionError


@pytest_twisted.ensureDeferred
async def test_a_pause_at_the_start_that_ends_before_anything_came(reactor: Any) -> None:
    async with serving(reactor, PausesAtOnce) as served:
        ours, peer = await served.connected()
        ours.transport.resumeProducing()
        peer.say(b"first")
        await until(reactor, lambda: ours.received == b"first", "it was read")
        peer.say(b"second")
        await until(reactor, lambda: ours.received == b"firstsecond", "it was read")
        assert ours.transport.data_received == ours.dataReceived


@pytest_twisted.ensureDeferred
async def test_a_pause_that_returns_before_what_is_held_was_given(reactor: Any) -> None:
    async with serving(reactor, PausesAtOnce) as served:
        ours, peer = await served.connected()
        peer.say(b"held")
        await deferLater(reactor, SILENCE)
        ours.transport.resumeProducing()
        ours.transport.pauseProducing()
        await deferLater(reactor, SILENCE)
        assert ours.received == b""
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"held", "it was read")


@pytest_twisted.ensureDeferred
async def test_a_pause_while_what_is_held_is_given(reactor: Any) -> None:
    class PausesAgain(PausesAtOnce):
        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            self.transport.pauseProducing()  # type: ignore[union-attr]

    async with serving(reactor, PausesAgain) as served:
        ours, peer = await served.connected()
        peer.say(b"held")
        await deferLater(reactor, SILENCE)
        peer.say(b"waits")
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"held", "it was read")
        await deferLater(reactor, SILENCE)
        assert ours.received == b"held"
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"heldwaits", "it was read")


@pytest_twisted.ensureDeferred
async def test_the_end_before_what_is_held_was_given(reactor: Any) -> None:
    async with serving(reactor, PausesAtOnce) as served:
        ours, peer = await served.connected()
        peer.say(b"held")
        await deferLater(reactor, SILENCE)
        ours.transport.resumeProducing()
        ours.transport.abortConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        await deferLater(reactor, SILENCE)
        assert (ours.received, ours.events) == (b"", ["made", "lost"])


@pytest_twisted.ensureDeferred
async def test_reading_what_was_held_may_raise(reactor: Any) -> None:
    with logged_failures() as failures:
        async with serving(reactor, PausesAtOnce) as served:
            ours, peer = await served.connected()
            peer.say(b"poison")
            await deferLater(reactor, SILENCE)
            ours.transport.resumeProducing()
            await until(reactor, lambda: ours.lost, "the connection was lost")
            assert isinstance(ours.reason, ZeroDivisionError)
    assert [type(failure) for failure in failures] == [ZeroDivisionError]
