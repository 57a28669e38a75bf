"""A peer that does not read is not a peer that vanished."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import Clock, deferLater

from tests.peers import serving, until
from tests.wire import Transport
from webproxy.net.shut_window import STEPS, ShutWindows, Standing, set_user_timeout, shut_by_a_live_peer, standing_of

if TYPE_CHECKING:
    from tests.peers import FarEnd, Served

MIB = 1 << 20
SIZE = 8 * MIB
USUAL = 2000
LONG = 7.0
"""Seconds: with a user timeout of two, the kernel ends a connection between the second and the sixth."""


@pytest.mark.parametrize(
    ("standing", "spared"),
    [
        (Standing(retransmits=0, probes=0, backoff=4, unacked=0), True),
        (Standing(retransmits=0, probes=1, backoff=4, unacked=0), True),
        (Standing(retransmits=0, probes=2, backoff=4, unacked=0), False),
        (Standing(retransmits=0, probes=0, backoff=0, unacked=0), False),
        (Standing(retransmits=3, probes=0, backoff=3, unacked=10), False),
        (Standing(retransmits=0, probes=0, backoff=1, unacked=10), False),
    ],
    ids=["shut", "a probe under way", "probes unanswered", "in the window", "unacknowledged", "just sent again"],
)
def test_who_is_spared(standing: Standing, spared: bool) -> None:
    assert shut_by_a_live_peer(standing) is spared


def user_timeout(transport: Any) -> int:
    sock = socket.socket(fileno=transport.fileno())
    try:
        return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    finally:
        sock.detach()


async def suspended(served: Served) -> tuple[Any, FarEnd]:
    """A peer that is being written to and does not read."""
    ours, peer = await served.connected(receive_buffer=4096)
    set_user_timeout(ours.transport.fileno(), USUAL)
    ours.transport.write(bytes(SIZE))
    return ours, peer


@pytest_twisted.ensureDeferred
async def test_who_does_not_read_for_long_is_cut_by_the_kernel_or_spared_by_us(reactor: Any) -> None:
    async with serving(reactor) as served:
        cut, _ = await suspended(served)
        spared, peer = await suspended(served)
        windows = ShutWindows(reactor, lambda: [spared.transport], every=0.5, usual=USUAL)
        await until(reactor, lambda: user_timeout(spared.transport) == 0, "the peer was spared")
        assert "sparing=1" in repr(windows)
        await deferLater(reactor, LONG)
        assert cut.lost, "otherwise there is nothing to be spared from"
        assert not spared.lost
        assert len(await peer.read_exactly(SIZE)) == SIZE
        await until(reactor, lambda: user_timeout(spared.transport) == USUAL, "it is as before")
        assert "sparing=0" in repr(windows)
        windows.stop()


@pytest_twisted.ensureDeferred
async def test_a_connection_with_nothing_to_send_is_left_alone(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        windows = ShutWindows(reactor, lambda: [ours.transport], every=0.05, usual=USUAL)
        await deferLater(reactor, 0.2)
        assert user_timeout(ours.transport) == 90_000
        assert standing_of(ours.transport.fileno())[:3] == (0, 0, 0)
        windows.stop()


def test_other_sockets_and_closed_ones_are_passed_over() -> None:
    clock = Clock()
    one, other = socket.socketpair()
    legs: list[Any] = [Transport(), one]
    windows = ShutWindows(clock, lambda: legs, every=STEPS)
    with one, other:
        one.send(b"not read")
        clock.pump([1] * 5)
    clock.pump([1] * 5)
    assert repr(windows) == "<ShutWindows running sparing=0>"
    windows.stop()
    windows.stop()
    assert repr(windows) == "<ShutWindows stopped sparing=0>"
    assert clock.getDelayedCalls() == []


def test_every_leg_is_looked_at_once_a_round() -> None:
    clock = Clock()
    looked: list[int] = []

    class Leg:
        def __init__(self, number: int) -> None:
            self.number = number

        def fileno(self) -> int:
            looked.append(self.number)
            return -1

    legs: list[Any] = [Leg(number) for number in range(100)]
    windows = ShutWindows(clock, lambda: legs, every=STEPS)
    clock.advance(1)
    assert looked == [0, 1, 2, 3]
    clock.pump([1] * (STEPS - 1))
    assert sorted(set(looked)) == list(range(100))
    assert len(looked) == 4 * STEPS
    windows.stop()


def test_where_the_system_has_no_user_timeout_nothing_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "TCP_USER_TIMEOUT")
    clock = Clock()
    assert "stopped" in repr(ShutWindows(clock, list))
    assert clock.getDelayedCalls() == []
