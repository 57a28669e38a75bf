"""The set of watched descriptors without a reactor's help; over real connections: test_relay.py."""

from __future__ import annotations

import select
import socket
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.main import CONNECTION_DONE
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from tests.peers import logged_failures
from webproxy.net import readiness
from webproxy.net.readiness import Readiness

if TYPE_CHECKING:
    from collections.abc import Iterator


class Watched:
    """One end of a pair of sockets, and how often it was told."""

    def __init__(self, ready: Readiness) -> None:
        self.sock, self.peer = socket.socketpair()
        self.told = 0
        self.number = self.sock.fileno()
        ready.add(self.number, self.tell)

    def tell(self) -> None:
        self.told += 1

    def close(self) -> None:
        self.sock.close()
        self.peer.close()


@pytest.fixture
def reactor() -> Any:
    """A reactor that only remembers whom it watches."""
    return MemoryReactorClock()


@pytest.fixture
def ready(reactor: Any) -> Iterator[Readiness]:
    ready = Readiness(reactor)
    yield ready
    ready.close()


def test_the_reactor_watches_the_set_until_it_is_closed(ready: Readiness, reactor: Any) -> None:
    assert verifyObject(IReadDescriptor, ready)
    assert reactor.getReaders() == [ready]
    assert (ready.logPrefix(), repr(ready)) == ("readiness", "<Readiness of 0>")
    assert ready.fileno() >= 0
    ready.connectionLost(Failure(CONNECTION_DONE))
    ready.close()
    ready.close()
    ready.doRead()
    assert (reactor.getReaders(), ready.fileno()) == ([], -1)


def test_each_wait_is_told_once(ready: Readiness) -> None:
    watched = Watched(ready)
    watched.peer.send(b"x")
    ready.doRead()
    assert watched.told == 0, "nobody waits yet"
    ready.wait(watched.number, select.EPOLLIN)
    ready.doRead()
    ready.doRead()
    assert watched.told == 1
    ready.wait(watched.number, select.EPOLLIN)
    ready.doRead()
    assert watched.told == 2
    watched.close()


def test_a_broken_connection_does_not_keep_the_reactor_busy(ready: Readiness) -> None:
    watched = Watched(ready)
    ready.wait(watched.number, select.EPOLLIN)
    watched.peer.close()
    ready.doRead()
    assert watched.told == 1
    outer = select.epoll()
    outer.register(ready.fileno(), select.EPOLLIN)
    assert outer.poll(0) == []
    outer.close()
    watched.close()


@pytest.mark.parametrize("turn", [-1, 60], ids=["time is up at once", "there is time"])
def test_as_many_are_told_in_a_turn_as_there_is_time_for(
    ready: Readiness, monkeypatch: pytest.MonkeyPatch, turn: float
) -> None:
    monkeypatch.setattr(readiness, "TURN", turn)
    crowd = [Watched(ready) for _ in range(30)]
    for watched in crowd:
        watched.peer.send(b"x")
        ready.wait(watched.number, select.EPOLLIN)
    for count in range(1, 31):
        ready.doRead()
        assert sum(watched.told for watched in crowd) == (count if turn < 0 else 30)
    assert all(watched.told == 1 for watched in crowd)
    for watched in crowd:
        watched.close()


def test_a_stale_event_does_not_reach_the_successor_on_the_same_descriptor(ready: Readiness) -> None:
    first, second = Watched(ready), Watched(ready)
    successors: list[Watched] = []

    def replace() -> None:
        for watched in (first, second):
            ready.remove(watched.number, watched.tell)
        first.close()
        second.close()
        successors.extend((Watched(ready), Watched(ready)))

    for watched in (first, second):
        watched.tell = replace  # type: ignore[method-assign]
        ready.add(watched.number, watched.tell)
        watched.peer.send(b"x")
        ready.wait(watched.number, select.EPOLLIN)
    ready.doRead()
    assert {first.number, second.number} & {successor.number for successor in successors}
    assert [successor.told for successor in successors] == [0, 0]
    for successor in successors:
        successor.close()


def test_a_descriptor_closed_meanwhile_is_forgotten_without_complaint(ready: Readiness) -> None:
    watched = Watched(ready)
    watched.close()
    ready.remove(watched.number, watched.tell)
    ready.remove(watched.number, watched.tell)
    assert repr(ready) == "<Readiness of 0>"


def test_who_was_not_removed_in_time_cannot_remove_its_successor(ready: Readiness) -> None:
    first = Watched(ready)
    first.close()
    successor = Watched(ready)
    assert successor.number == first.number
    ready.remove(first.number, first.tell)
    successor.peer.send(b"x")
    ready.wait(successor.number, select.EPOLLIN)
    ready.doRead()
    assert (first.told, successor.told) == (0, 1)
    successor.close()


def test_one_that_raises_does_not_keep_the_others_from_being_told(ready: Readiness) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    broken, sound = Watched(ready), Watched(ready)
    ready.add(broken.number, fail)
    for watched in (broken, sound):
        watched.peer.send(b"x")
        ready.wait(watched.number, select.EPOLLIN)
    with logged_failures() as failures:
        for _ in range(2):  # to log a failure may take a whole turn
            ready.doRead()
    assert [type(failure) for failure in failures] == [ZeroDivisionError]
    assert sound.told == 1
    for watched in (broken, sound):
        watched.close()
