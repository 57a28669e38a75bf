"""Who goes on at once, who waits, and who is turned away: heads in, outcomes out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.policy import Summary
from webproxy.testing import PolicyConformance, chain_of, request
from webproxy_queue import Queue
from webproxy_queue.room import FIELD

if TYPE_CHECKING:
    from webproxy.policy import RequestHead

OVER = Summary(status=200)


class TestQueue(PolicyConformance):
    """What every policy owes the proxy."""

    def make_policy(self) -> Queue:
        return Queue(slots=2, waiting=20, wait=60.0)


class TestQueueThatIsFull(PolicyConformance):
    """The same with nobody let in line."""

    def make_policy(self) -> Queue:
        return Queue(slots=1, waiting=0, wait=math.inf)


class Door:
    """A queue, and the requests before it."""

    def __init__(self, **settings: Any) -> None:
        self.now = 1000.0
        self.queue = Queue(**{"slots": 1, "waiting": 3, "wait": 60.0, "clock": lambda: self.now, **settings})
        self.chain = chain_of(self.queue)
        self.gone_on: list[str] = []
        self.turned_away: list[str] = []
        self.places: dict[str, str] = {}
        self.waiting: dict[str, Any] = {}
        self.requests: dict[str, RequestHead] = {}
        self.retry_after: int | None = None

    def asks(self, name: str, target: str = "/api/chat", *, user: str | None = None, **of_request: Any) -> None:
        """A request comes: ``a1`` is the first of a's, who is its user unless one is given."""
        asked = request("POST", target, user=user or name[0], exchange_id=name, **of_request)
        self.requests[name] = asked
        outcome = self.chain.request_received(asked)
        if isinstance(outcome, tuple):
            self.heard(name, outcome)
        else:
            self.waiting[name] = outcome
            outcome.resumed(lambda later: self.heard(name, later))

    def heard(self, name: str, outcome: Any) -> None:
        self.waiting.pop(name, None)
        if outcome.rejection is None:
            self.gone_on.append(name)
            changes = outcome.effects.client if outcome.effects else None
            self.places[name] = dict(changes.add)[FIELD] if changes else ""
        else:
            assert outcome.rejection.status == 429
            self.retry_after = outcome.rejection.retry_after
            self.turned_away.append(name)
            self.ends(name)

    def ends(self, *names: str) -> None:
        for name in names:
            self.chain.exchange_finished(self.requests[name], OVER)

    def leaves(self, name: str) -> None:
        self.waiting.pop(name).abandon()
        self.ends(name)

    def read(self) -> dict[str, float]:
        return {reading.metric.name: reading.value for reading in self.chain.readings()}


def test_what_is_no_generation_is_none_of_its_business() -> None:
    queue = Queue(slots=1, waiting=0, wait=60.0)
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket"}
    for asked in (
        request("GET", "/api/chat"),
        request("GET", "/ws", handshake),
        request("GET", "/queue/data"),
        request("GET", "/heartbeat/x"),
        request("POST", "/prompt"),
        request("GET", "/view"),
        request("POST", "/api/pull"),
    ):
        for _ in range(3):
            assert queue.request_received(asked) is None
    assert repr(queue) == "<Queue of <Room running=0/1 waiting=0>>"


@pytest.mark.parametrize("target", ["/api/chat", "/v1/chat/completions", "//api/%63hat/?x", "/ollama/api/chat/0", "/"])
def test_generations_count_however_they_are_written(target: str) -> None:
    door = Door()
    door.asks("a1", target)
    door.asks("a2", target)
    assert (door.gone_on, list(door.waiting)) == (["a1"], ["a2"])


def test_as_many_go_on_as_there_are_slots() -> None:
    door = Door(slots=2)
    for name in ("a1", "a2", "a3", "a4"):
        door.asks(name)
    assert (door.gone_on, list(door.waiting)) == (["a1", "a2"], ["a3", "a4"])
    door.ends("a2")
    assert door.gone_on == ["a1", "a2", "a3"]
    door.ends("a1", "a3")
    assert door.gone_on == ["a1", "a2", "a3", "a4"]
    assert door.places == {"a1": "0", "a2": "0", "a3": "1", "a4": "2"}


def test_nobody_goes_past_the_line() -> None:
    door = Door()
    for name in ("a1", "a2", "b1"):
        door.asks(name)
    door.ends("a1")
    door.asks("c1")
    assert (door.gone_on, list(door.waiting)) == (["a1", "a2"], ["b1", "c1"])


def test_users_take_turns() -> None:
    door = Door(waiting=9)
    for name in ("a1", "a2", "a3", "a4", "b1", "b2", "c1"):
        door.asks(name)
    for name in ("a1", "a2", "b1", "c1", "a3", "b2", "a4"):
        assert door.gone_on[-1] == name
        door.ends(name)
    assert repr(door.queue) == "<Queue of <Room running=0/1 waiting=0>>"


def test_addresses_take_turns_when_nobody_is_known_or_nobody_should_be() -> None:
    door = Door(waiting=9, by="address")
    for name in ("a1", "a2", "a3"):
        door.asks(name, client="2001:db8::1")
    door.asks("a4", client="2001:db8:0:1::1")
    door.ends("a1", "a2")
    assert door.gone_on == ["a1", "a2", "a4"]


def test_who_leaves_the_line_is_forgotten_at_once() -> None:
    door = Door()
    for name in ("a1", "b1", "c1"):
        door.asks(name)
    door.leaves("b1")
    assert door.read()["waiting"] == 1
    door.ends("a1")
    assert door.gone_on == ["a1", "c1"]


def test_who_waits_too_long_is_told_when_to_come_back() -> None:
    door = Door(wait=5.0)
    door.asks("a1")
    door.asks("b1")
    held = door.waiting.pop("b1")
    assert held.limit == 5.0
    door.heard("b1", held.expire())
    assert (door.turned_away, door.retry_after) == (["b1"], 10)
    assert door.read()["left"] == 1


def test_beyond_the_line_nobody_waits() -> None:
    door = Door(waiting=2)
    for name in ("a1", "a2", "b1", "c1", "a3"):
        door.asks(name)
    assert (list(door.waiting), door.turned_away) == (["a2", "b1"], ["c1", "a3"])


def test_nobody_fills_the_line_alone() -> None:
    door = Door(waiting=3)
    for name in ("a1", "a2", "a3", "a4"):
        door.asks(name)
    door.asks("b1")
    assert (list(door.waiting), door.turned_away) == (["a2", "a3", "b1"], ["a4"])
    door.asks("c1")
    assert (list(door.waiting), door.turned_away) == (["a2", "b1", "c1"], ["a4", "a3"])
    door.asks("d1")
    assert door.turned_away == ["a4", "a3", "d1"]
    assert door.read()["turned_away"] == 3


def test_retry_after_is_when_a_place_should_be_free() -> None:
    door = Door(waiting=0)

    def said_after(seconds: float, times: int = 40) -> int | None:
        for _ in range(times):
            door.asks("a1")
            door.now += seconds
            door.ends("a1")
        door.asks("a1")
        door.asks("b1")
        door.ends("a1")
        return door.retry_after

    assert said_after(0, 0) == 10
    assert said_after(0.1) == 1
    assert said_after(30) == 30
    assert said_after(3600) == 60


def test_who_is_over_before_going_on_returns_gives_the_slot_to_the_next() -> None:
    """As when a policy behind this one rejects: a line of any length, and no deeper stack."""
    door = Door(waiting=1000)
    heard = door.heard

    def heard_and_over(name: str, outcome: Any) -> None:
        heard(name, outcome)
        if name != "a0":
            door.ends(name)

    door.heard = heard_and_over  # type: ignore[method-assign]
    for number in range(1001):
        door.asks(f"a{number}")
    door.ends("a0")
    assert (len(door.gone_on), door.read()["running"]) == (1001, 0)


def test_what_ends_twice_or_never_began_frees_nothing() -> None:
    door = Door()
    for name in ("a1", "b1", "c1"):
        door.asks(name)
    door.ends("a1", "a1")
    assert door.gone_on == ["a1", "b1"]


def test_requests_with_the_same_id_are_two() -> None:
    door = Door()
    door.asks("a1")
    first = door.requests["a1"]
    door.asks("a1")
    assert list(door.waiting) == ["a1"]
    door.chain.exchange_finished(first, OVER)
    assert door.gone_on == ["a1", "a1"]


def test_its_lengths_can_be_watched() -> None:
    door = Door(waiting=2)
    for name in ("a1", "b1", "c1", "d1"):
        door.asks(name)
    expected = {"running": 1, "waiting": 2, "begun": 1, "waited": 0, "turned_away": 1, "left": 0}
    assert door.read() == expected
    door.leaves("b1")
    door.ends("a1")
    assert door.read() == {**expected, "waiting": 0, "begun": 2, "waited": 1, "left": 1}


def test_other_settings_keep_who_runs_and_who_waits() -> None:
    door = Door(slots=1)
    for name in ("a1", "b1", "c1", "d1"):
        door.asks(name)
    before = door.chain
    door.queue = Queue(slots=3, waiting=0, wait=60.0)
    door.chain = chain_of(door.queue)
    door.chain.follow(before)
    assert (door.gone_on, list(door.waiting)) == (["a1", "b1", "c1"], ["d1"])
    door.asks("e1")
    assert door.turned_away == ["e1"]
    before.exchange_finished(door.requests["a1"], OVER)
    assert door.gone_on[-1] == "d1"
    assert door.read() == {"running": 3, "waiting": 0, "begun": 4, "waited": 3, "turned_away": 1, "left": 0}


def test_fewer_slots_hold_once_the_others_are_over() -> None:
    door = Door(slots=3)
    for name in ("a1", "b1", "c1", "d1"):
        door.asks(name)
    before = door.chain
    door.chain = chain_of(Queue(slots=1, waiting=9, wait=60.0))
    door.chain.follow(before)
    door.ends("a1", "b1")
    assert list(door.waiting) == ["d1"]
    door.ends("c1")
    assert door.gone_on[-1] == "d1"
