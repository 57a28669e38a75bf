"""What a transport promises to whoever reads from it, on uvloop's as on Twisted's own."""

from __future__ import annotations

from typing import Any

import pytest_twisted
from twisted.internet.task import deferLater

from tests.peers import Recorder, serving, until

SILENCE = 0.05
"""Seconds after which a byte that has not come is taken not to come."""


@pytest_twisted.ensureDeferred
async def test_a_paused_transport_reads_nothing_until_it_is_resumed(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.pauseProducing()
        peer.say(b"waits")
        await deferLater(reactor, SILENCE)
        assert ours.received == b""
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"waits", "what waited was read")


@pytest_twisted.ensureDeferred
async def test_pausing_and_resuming_twice_is_as_good_as_once(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.pauseProducing()
        ours.transport.pauseProducing()
        peer.say(b"waits")
        ours.transport.resumeProducing()
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"waits", "what waited was read")


class PausesAtOnce(Recorder):
    """Pauses as soon as it is connected."""

    def connectionMade(self) -> None:
        super().connectionMade()
        self.transport.pauseProducing()  # type: ignore[union-attr]


@pytest_twisted.ensureDeferred
async def test_a_pause_holds_that_was_asked_for_when_the_connection_was_made(reactor: Any) -> None:
    async with serving(reactor, PausesAtOnce) as served:
        peer = served.dial()
        peer.say(b"early ")
        await until(reactor, lambda: served.protocols, "the connection was accepted")
        ours = served.protocols[0]
        await deferLater(reactor, SILENCE)
        assert ours.received == b""
        peer.say(b"and late")
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"early and late", "both were read, in order")


@pytest_twisted.ensureDeferred
async def test_a_pause_from_within_a_read_is_the_last_read(reactor: Any) -> None:
    class PausesOnce(Recorder):
        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            self.transport.pauseProducing()  # type: ignore[union-attr]

    async with serving(reactor, PausesOnce) as served:
        ours, peer = await served.connected()
        peer.say(b"first")
        await until(reactor, lambda: ours.received == b"first", "the first was read")
        peer.say(b"second")
        await deferLater(reactor, SILENCE)
        assert ours.received == b"first"
        ours.transport.resumeProducing()
        await until(reactor, lambda: ours.received == b"firstsecond", "the second was read")


@pytest_twisted.ensureDeferred
async def test_another_protocol_gets_what_follows(reactor: Any) -> None:
    successor = Recorder()

    class StepsAside(Recorder):
        def dataReceived(self, data: bytes) -> None:
            super().dataReceived(data)
            self.transport.protocol = successor  # type: ignore[union-attr]
            successor.makeConnection(self.transport)

    async with serving(reactor, StepsAside) as served:
        ours, peer = await served.connected()
        peer.say(b"switch")
        await until(reactor, lambda: ours.received, "the first was read")
        peer.say(b"tunnel")
        await until(reactor, lambda: successor.received, "the second was read")
        assert (ours.received, successor.received) == (b"switch", b"tunnel")
        peer.finish()
        await until(reactor, lambda: successor.lost, "the successor lost the connection")
        assert ours.events == ["made"]
        ours.events.append("lost")
