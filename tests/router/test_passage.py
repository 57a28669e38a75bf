"""A passage as a script: what each side is told when the other waits, ends, or breaks."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest
from twisted.internet import error
from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from tests.wire import Transport
from webproxy.net.destination import Tcp
from webproxy.router.passage import Passage
from webproxy.router.sides import MOST_HELD, Side


class NoWatch:
    """Watches nobody's departure."""

    def watch(self, transport: object, left: object, *, resets: bool = False) -> None:
        """Do nothing."""

    def unwatch(self, transport: object) -> None:
        """Do nothing."""


class Script:
    """A passage on wires."""

    def __init__(self, *, left: bool = False) -> None:
        """:param left: the client has gone in the same turn in which its handshake ended."""
        self.reactor: Any = MemoryReactorClock()
        self.told: list[str] = []
        self.crowd: set[Side] = set()
        watch: Any = NoWatch()
        self.passage = Passage(
            self.reactor,
            Tcp("10.0.0.7", 12345),
            lambda: b"HEADER ",
            watch,
            refused=lambda _: self.told.append("refused"),
            over=lambda _: self.told.append("over"),
            crowd=self.crowd,
        )
        self.client = Transport()
        self.passage.client.makeConnection(self.client)
        if left:
            self.passage.client.connectionLost(Failure(ConnectionDone()))
        self.passage.open()
        self.machine = Transport()

    def accepted(self) -> Side:
        factory = self.reactor.tcpClients[0][2]
        side: Any = factory.buildProtocol(None)
        side = getattr(side, "wrapped", side)
        side.makeConnection(self.machine)
        return self.passage.client.other or side

    def refused(self) -> None:
        factory = self.reactor.tcpClients[0][2]
        factory.clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))


def opened() -> tuple[Script, Side]:
    script = Script()
    side = script.accepted()
    assert script.client.reading
    assert script.machine.value() == b"HEADER "
    script.machine.clear()
    return script, side


def test_bytes_go_both_ways() -> None:
    script, machine = opened()
    script.passage.client.dataReceived(b"ping")
    machine.dataReceived(b"pong")
    assert (script.machine.value(), script.client.value()) == (b"ping", b"pong")
    assert repr(script.passage) == "<Passage to 10.0.0.7:12345>"
    assert repr(machine) == "<MachineSide open>"


@pytest.mark.parametrize("first", ["client", "machine"])
def test_nothing_of_it_waits_for_pythons_collector(first: str) -> None:
    script, machine = opened()
    ends = [script.passage.client, machine]
    gc.disable()
    try:
        for side in ends if first == "client" else reversed(ends):
            side.connectionLost(Failure(ConnectionDone()))
        assert script.told == ["over"]
        over = weakref.ref(script.passage)
        for transport in (script.client, script.machine):  # as real ones do
            transport.protocol = transport.producer = None
        script.reactor.tcpClients.clear()
        del script.passage, machine, side, ends
        assert over() is None
    finally:
        gc.enable()


def test_who_does_not_keep_up_makes_the_other_wait() -> None:
    script, machine = opened()
    assert script.client.producer is machine
    machine.pauseProducing()
    assert not script.machine.reading
    assert script.crowd == {machine}
    machine.resumeProducing()
    assert script.machine.reading
    assert not script.crowd
    script.passage.client.pauseProducing()
    assert not script.client.reading
    script.passage.client.resumeProducing()
    assert script.client.reading


@pytest.mark.parametrize(("reason", "end"), [(ConnectionDone(), "closed"), (ConnectionLost(), "aborted")])
@pytest.mark.parametrize("first", ["client", "machine"])
def test_each_end_is_passed_on_as_what_it_is(reason: Exception, end: str, first: str) -> None:
    script, machine = opened()
    sides = {"client": (script.passage.client, script.machine), "machine": (machine, script.client)}
    side, other = sides[first]
    side.connectionLost(Failure(reason))
    assert other.end == end
    assert script.told == []
    side.pauseProducing()
    side.resumeProducing()
    side.dataReceived(b"late")
    second = sides["machine" if first == "client" else "client"][0]
    second.dataReceived(b"late")
    second.connectionLost(Failure(ConnectionDone()))
    assert script.told == ["over"]
    assert repr(side) == f"<{type(side).__name__} ended>"
    side.stopProducing()


def test_a_machine_that_does_not_answer() -> None:
    script = Script()
    script.refused()
    assert script.told == ["refused"]


def test_for_a_client_that_left_with_its_handshake_no_machine_is_asked() -> None:
    script = Script(left=True)
    assert script.told == ["over"], "once, and not never: whoever counts connections waits for it"
    assert not script.reactor.connectors


def test_a_client_that_leaves_before_the_machine_stands() -> None:
    script = Script()
    script.passage.client.connectionLost(Failure(ConnectionDone()))
    assert script.told == ["over"]
    assert script.reactor.connectors[0].stoppedConnecting or script.machine.end in ("", "aborted")


def test_what_a_client_says_early_goes_behind_the_header_up_to_a_bound() -> None:
    script = Script()
    script.passage.client.dataReceived(b"GET ")
    assert script.client.reading
    script.passage.client.dataReceived(b"x" * MOST_HELD)
    assert not script.client.reading, "there is enough of it"
    script.passage.client.dataReceived(b"y")
    script.accepted()
    assert script.machine.value() == b"HEADER GET " + b"x" * MOST_HELD + b"y"
    assert script.client.reading


def test_a_machine_that_does_not_answer_leaves_what_was_said() -> None:
    script = Script()
    script.passage.client.dataReceived(b"GET ")
    script.refused()
    assert script.passage.client.said() == b"GET "
