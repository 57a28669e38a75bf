"""Twisted's way to one connection, on its memory reactor; over real sockets: tests/integration/test_connecting.py."""

from __future__ import annotations

from errno import ENOENT
from typing import Any

import pytest
from twisted.internet import error as tx
from twisted.internet.address import IPv4Address
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IProtocol
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure
from zope.interface.verify import verifyObject

from tests.peers import Recorder
from webproxy.net.connect import Introduction, OneConnection, connect
from webproxy.net.destination import Tcp, Unix

ADDRESS = IPv4Address("TCP", "127.0.0.1", 8080)


class Transport(StringTransport):
    """No descriptor; tells whether it was aborted."""

    aborted = False
    protocol: Any = None

    def fileno(self) -> int:
        return -1

    def abortConnection(self) -> None:
        self.aborted = True


class Outcome:
    """What a Deferred came to."""

    def __init__(self, deferred: Any) -> None:
        self.values: list[Any] = []
        deferred.addBoth(self.values.append)

    def failed_with(self, kind: type[BaseException]) -> bool:
        (failure,) = self.values
        return isinstance(failure, Failure) and failure.check(kind) is not None


def attempt(build: Any = Recorder) -> tuple[Any, OneConnection]:
    reactor = MemoryReactorClock()
    connected = connect(reactor, Tcp("127.0.0.1", 8080), build, 7)
    return connected, reactor.tcpClients[0][2]  # type: ignore[return-value]


def test_tcp_goes_to_host_and_port_within_the_timeout() -> None:
    reactor = MemoryReactorClock()
    connect(reactor, Tcp("::1", 8080), Recorder, 7)
    assert reactor.tcpClients[0][:2] == ("::1", 8080)
    assert reactor.tcpClients[0][3] == 7


def test_unix_goes_to_the_path_within_the_timeout() -> None:
    reactor = MemoryReactorClock()
    connect(reactor, Unix("/run/x.sock"), Recorder, 7)
    assert reactor.unixClients[0][0] == "/run/x.sock"
    assert reactor.unixClients[0][2] == 7


def test_the_protocol_is_connected_when_the_news_comes() -> None:
    connected, factory = attempt()
    seen: list[Any] = []
    connected.addCallback(lambda protocol: seen.append((protocol, list(protocol.events))))
    introduction, transport = factory.buildProtocol(ADDRESS), Transport()
    introduction.makeConnection(transport)
    ((protocol, events),) = seen
    assert events == ["made"]
    assert transport.protocol is protocol
    assert repr(factory) == "<OneConnection over>"


def test_who_goes_on_talking_to_the_introduction_reaches_the_protocol() -> None:
    connected, factory = attempt()
    outcome = Outcome(connected)
    introduction = factory.buildProtocol(ADDRESS)
    assert verifyObject(IProtocol, introduction)
    introduction.makeConnection(Transport())
    introduction.connectionMade()
    introduction.dataReceived(b"answer")
    introduction.connectionLost(Failure(tx.ConnectionDone()))
    (protocol,) = outcome.values
    assert (protocol.events, protocol.received) == (["made", "lost"], b"answer")


def test_a_failure_is_passed_on() -> None:
    connected, factory = attempt()
    outcome = Outcome(connected)
    assert repr(factory) == "<OneConnection running>"
    factory.clientConnectionFailed(factory.connector, Failure(tx.TimeoutError()))
    assert outcome.failed_with(tx.TimeoutError)


def test_a_unix_socket_that_does_not_exist_is_nobody_listening() -> None:
    connected, factory = attempt()
    outcome = Outcome(connected)
    factory.clientConnectionFailed(factory.connector, Failure(tx.ConnectError(ENOENT, "No such file or directory")))
    assert outcome.failed_with(tx.ConnectionRefusedError)


def test_a_socket_connected_to_itself_is_nobody_listening() -> None:
    connected, factory = attempt(build=lambda: pytest.fail("there is nobody to talk to"))
    outcome, transport = Outcome(connected), Transport()
    transport.hostAddr = transport.peerAddr = ADDRESS
    introduction = factory.buildProtocol(ADDRESS)
    introduction.makeConnection(transport)
    assert outcome.failed_with(tx.ConnectionRefusedError)
    assert transport.aborted
    introduction.connectionLost(Failure(tx.ConnectionAborted()))


def test_a_protocol_that_cannot_be_built_fails_the_attempt() -> None:
    def build() -> Recorder:
        raise ZeroDivisionError

    connected, factory = attempt(build)
    outcome, transport = Outcome(connected), Transport()
    factory.buildProtocol(ADDRESS).makeConnection(transport)
    assert outcome.failed_with(ZeroDivisionError)
    assert transport.aborted


def test_cancelling_disconnects_and_what_comes_after_is_ignored() -> None:
    connected, factory = attempt()
    outcome = Outcome(connected)
    connected.cancel()
    assert outcome.failed_with(CancelledError)
    factory.clientConnectionFailed(factory.connector, Failure(tx.UserError()))
    assert len(outcome.values) == 1


def test_nobody_hears_an_introduction_that_was_never_made() -> None:
    _, factory = attempt()
    introduction = Introduction(factory)
    introduction.dataReceived(b"")
