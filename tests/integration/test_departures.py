"""A paused transport's peer leaves: noticed at once, on every reactor."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from tests.peers import logged_failures, serving, until
from webproxy.net.departure import DepartureWatch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.peers import FarEnd

SILENCE = 0.05


@contextmanager
def departures(reactor: Any) -> Iterator[DepartureWatch]:
    watch = DepartureWatch(reactor)
    try:
        yield watch
    finally:
        watch.close()


@pytest.mark.parametrize("how", ["finish", "close", "reset"])
@pytest_twisted.ensureDeferred
async def test_a_departure_behind_unread_bytes_is_noticed_at_once(reactor: Any, how: str) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        with departures(reactor) as watch:
            left: list[float] = []
            ours.transport.pauseProducing()
            watch.watch(ours.transport, lambda: left.append(reactor.seconds()))
            peer.say(b"not read")
            await deferLater(reactor, SILENCE)
            assert not left
            started = reactor.seconds()
            getattr(peer, how)()
            await until(reactor, lambda: left, "the departure was noticed")
            assert left[0] - started < 0.1
            await deferLater(reactor, SILENCE)
            assert len(left) == 1, "told once"
            assert ours.received == b""


@pytest_twisted.ensureDeferred
async def test_a_departure_before_the_watch_began_is_told_soon(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.pauseProducing()
        peer.close()
        await deferLater(reactor, SILENCE)
        with departures(reactor) as watch:
            left: list[bool] = []
            watch.watch(ours.transport, lambda: left.append(True))
            assert not left
            await until(reactor, lambda: left, "the departure was noticed")


@pytest_twisted.ensureDeferred
async def test_nobody_is_told_after_unwatch(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.pauseProducing()
        with departures(reactor) as watch:
            left: list[bool] = []
            watch.watch(ours.transport, lambda: left.append(True))
            assert "of 1" in repr(watch)
            watch.unwatch(ours.transport)
            watch.unwatch(ours.transport)
            assert "of 0" in repr(watch)
            peer.close()
            await deferLater(reactor, SILENCE)
            assert not left


@pytest_twisted.ensureDeferred
async def test_watching_again_replaces_who_is_told(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.pauseProducing()
        with departures(reactor) as watch:
            told: list[str] = []
            watch.watch(ours.transport, lambda: told.append("first"))
            watch.watch(ours.transport, lambda: told.append("second"))
            peer.close()
            await until(reactor, lambda: told, "the departure was noticed")
            await deferLater(reactor, SILENCE)
            assert told == ["second"]


@pytest_twisted.ensureDeferred
async def test_a_transport_that_was_closed_unwatched_is_forgotten(reactor: Any) -> None:
    async with serving(reactor) as served:
        with departures(reactor) as watch:
            ours, peer = await served.connected()
            stale: list[bool] = []
            number = ours.transport.fileno()
            watch.watch(ours.transport, lambda: stale.append(True))
            ours.transport.abortConnection()
            await until(reactor, lambda: ours.lost, "the connection was lost")
            peer.close()
            successor, successors_peer = await reusing(reactor, served, number)
            left: list[bool] = []
            watch.watch(successor.transport, lambda: left.append(True))
            assert "of 1" in repr(watch)
            watch.unwatch(ours.transport)
            successors_peer.close()
            await until(reactor, lambda: left, "the successor's departure was noticed")
            assert not stale


async def reusing(reactor: Any, served: Any, number: int) -> tuple[Any, FarEnd]:
    """Return a connection whose descriptor has this number."""
    for _ in range(20):
        ours, peer = await served.connected()
        if ours.transport.fileno() == number:
            return ours, peer
    pytest.fail(f"descriptor {number} was not given out again")


@pytest_twisted.ensureDeferred
async def test_the_first_to_be_told_may_unwatch_or_replace_the_others(reactor: Any) -> None:
    async with serving(reactor) as served:
        pairs = [await served.connected() for _ in range(3)]
        with departures(reactor) as watch:
            told: list[int] = []

            def left(number: int) -> None:
                told.append(number)
                for other, (ours, _) in enumerate(pairs):
                    if other != number:
                        watch.unwatch(ours.transport)

            for number, (ours, peer) in enumerate(pairs):
                ours.transport.pauseProducing()
                watch.watch(ours.transport, partial(left, number))
                peer.sock.shutdown(socket.SHUT_WR)
            await until(reactor, lambda: told, "a departure was noticed")
            await deferLater(reactor, SILENCE)
            assert len(told) == 1


@pytest_twisted.ensureDeferred
async def test_who_raises_when_told_does_not_keep_the_others_from_it(reactor: Any) -> None:
    async with serving(reactor) as served:
        pairs = [await served.connected() for _ in range(2)]
        with departures(reactor) as watch, logged_failures() as failures:
            told: list[int] = []

            def left(number: int) -> None:
                told.append(number)
                raise ZeroDivisionError(number)

            for number, (ours, peer) in enumerate(pairs):
                ours.transport.pauseProducing()
                watch.watch(ours.transport, partial(left, number))
                peer.finish()
            await until(reactor, lambda: len(told) == 2, "both were told")
        assert sorted(str(failure) for failure in failures) == ["0", "1"]


@pytest_twisted.ensureDeferred
async def test_a_closed_transport_is_not_watched(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        transport = ours.transport
        peer.close()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        with departures(reactor) as watch:
            watch.watch(transport, lambda: None)
            assert "of 0" in repr(watch)


@pytest_twisted.ensureDeferred
async def test_closing_gives_everything_back(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        ours.transport.pauseProducing()
        watch = DepartureWatch(reactor)
        watch.watch(ours.transport, lambda: pytest.fail("told after close"))
        watch.close()
        watch.close()
        assert watch.fileno() == -1
        watch.watch(ours.transport, lambda: pytest.fail("told after close"))
        watch.unwatch(ours.transport)
        peer.close()
        await deferLater(reactor, SILENCE)
