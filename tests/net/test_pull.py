"""Pull producers on a transport that knows only "full" and "drained"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IPushProducer
from zope.interface.verify import verifyObject

from webproxy.net.pull import PullPump

if TYPE_CHECKING:
    from collections.abc import Callable


class Turns:
    """A transport as far as the pump knows one; its turns are ours to take."""

    def __init__(self) -> None:
        self.disconnecting = False
        self.soon: list[Callable[[], None]] = []

    def call_soon(self, call: Callable[[], None], what: str) -> None:
        assert what == "resumeProducing"
        self.soon.append(call)

    def turn(self) -> int:
        """Make the calls that wait; return how many those were."""
        calls, self.soon = self.soon, []
        for call in calls:
            call()
        return len(calls)


class Source:
    """Pauses its pump when it has been asked often enough, as a full transport would."""

    def __init__(self, enough: int) -> None:
        self.enough = enough
        self.asked = 0
        self.stopped = 0
        self.pump: Any = None

    def resumeProducing(self) -> None:
        self.asked += 1
        if self.asked == self.enough:
            self.pump.pauseProducing()

    def stopProducing(self) -> None:
        self.stopped += 1


def pumping(enough: int = 1000) -> tuple[PullPump, Source, Turns]:
    turns, source = Turns(), Source(enough)
    source.pump = PullPump(source, turns)  # type: ignore[arg-type]
    return source.pump, source, turns


def test_it_is_a_push_producer() -> None:
    pump, _, _ = pumping()
    assert verifyObject(IPushProducer, pump)


def test_the_source_is_asked_once_a_turn() -> None:
    pump, source, turns = pumping()
    pump.resumeProducing()
    assert source.asked == 0, "not from within the registration"
    assert [turns.turn() for _ in range(5)] == [1] * 5
    assert source.asked == 5
    assert repr(pump).startswith("<PullPump running")


def test_a_pause_from_within_is_kept_and_a_resumption_goes_on() -> None:
    pump, source, turns = pumping(enough=3)
    pump.resumeProducing()
    while turns.turn():
        pass
    assert source.asked == 3
    assert repr(pump).startswith("<PullPump paused")
    pump.resumeProducing()
    turns.turn()
    assert source.asked == 4


def test_resuming_while_running_does_not_ask_faster() -> None:
    pump, source, turns = pumping()
    pump.resumeProducing()
    pump.pauseProducing()
    pump.resumeProducing()
    pump.resumeProducing()
    turns.turn()
    assert source.asked == 1


def test_nobody_is_asked_between_pause_and_the_turn_that_waits() -> None:
    pump, source, turns = pumping()
    pump.resumeProducing()
    pump.pauseProducing()
    turns.turn()
    assert source.asked == 0


def test_a_closing_transport_wants_no_more() -> None:
    pump, source, turns = pumping()
    pump.resumeProducing()
    turns.disconnecting = True
    turns.turn()
    assert (source.asked, turns.soon) == (0, [])


def test_the_end_reaches_the_source() -> None:
    pump, source, turns = pumping()
    pump.resumeProducing()
    pump.stopProducing()
    turns.turn()
    assert (source.asked, source.stopped) == (0, 1)
