"""The departure watch without a reactor's help; over real connections: tests/integration/test_departures.py."""

from __future__ import annotations

import select
import socket
import struct
from functools import partial
from typing import Any

import pytest
from twisted.internet.interfaces import IReadDescriptor
from twisted.internet.main import CONNECTION_DONE
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from webproxy.net.departure import DepartureWatch


class Transport:
    """One end of a pair of sockets; its peer leaves when told."""

    def __init__(self) -> None:
        self.sock, self.peer = socket.socketpair()
        self.left: list[bool] = []

    def fileno(self) -> int:
        return self.sock.fileno()

    def close(self) -> None:
        self.sock.close()
        self.peer.close()


@pytest.fixture
def reactor() -> Any:
    """A reactor that only remembers whom it watches."""
    return MemoryReactorClock()


def watched(watch: DepartureWatch) -> Any:
    transport: Any = Transport()
    watch.watch(transport, lambda: transport.left.append(True))
    return transport


def test_of_a_transport_that_reads_only_a_reset_is_told(reactor: Any) -> None:
    watch = DepartureWatch(reactor)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        peer = socket.create_connection(listener.getsockname())
        transport: Any = listener.accept()[0]
    told: list[bool] = []
    with peer, transport:
        watch.watch(transport, lambda: told.append(True), resets=True)
        peer.sendall(b"the last words")
        peer.shutdown(socket.SHUT_WR)
        watch.doRead()
        assert not told
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        watch.doRead()
        assert told == [True]
    watch.close()


def test_the_reactor_watches_the_set_until_it_is_closed(reactor: Any) -> None:
    watch = DepartureWatch(reactor)
    assert verifyObject(IReadDescriptor, watch)
    assert reactor.getReaders() == [watch]
    assert watch.fileno() >= 0
    assert watch.logPrefix() == "departure"
    watch.close()
    assert reactor.getReaders() == []
    watch.doRead()
    watch.connectionLost(Failure(CONNECTION_DONE))


def test_a_stale_event_does_not_reach_the_successor_on_the_same_descriptor(reactor: Any) -> None:
    watch = DepartureWatch(reactor)
    first, second = watched(watch), watched(watch)
    successor: list[Any] = []

    def replace(gone: Any) -> None:
        """In the middle of the round, the other one's descriptor is closed and given to somebody new."""
        other = second if gone is first else first
        number = other.fileno()
        other.close()
        new: Any = Transport()
        assert number in {new.sock.fileno(), new.peer.fileno()}
        if new.peer.fileno() == number:
            new.sock, new.peer = new.peer, new.sock
        watch.watch(new, lambda: new.left.append(True))
        successor.append(new)

    for transport in (first, second):
        watch.watch(transport, partial(replace, transport))
        transport.peer.close()
    watch.doRead()
    (new,) = successor
    assert not new.left
    assert "of 1" in repr(watch)
    new.peer.close()
    watch.doRead()
    assert new.left == [True]
    watch.close()
    for transport in (first, second, new):
        transport.close()


def test_a_descriptor_closed_meanwhile_is_unwatched_without_complaint(reactor: Any) -> None:
    watch = DepartureWatch(reactor)
    transport = watched(watch)
    transport.close()
    watch.unwatch(transport)
    watch.close()


def test_a_descriptor_closed_and_reused_unwatched_is_left_alone(reactor: Any) -> None:
    watch = DepartureWatch(reactor)
    transport = watched(watch)
    transport.close()
    with socket.socket() as other, socket.socket() as another:
        assert other.fileno() >= 0 <= another.fileno()
        watch.unwatch(transport)
    watch.close()


def test_without_epoll_nothing_is_watched(reactor: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(select, "epoll")
    watch = DepartureWatch(reactor)
    assert reactor.getReaders() == []
    transport = watched(watch)
    watch.unwatch(transport)
    assert (watch.fileno(), repr(watch)) == (-1, "<DepartureWatch of 0>")
    watch.close()
    transport.close()
