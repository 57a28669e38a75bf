"""The suite passes who keeps his duties, and tells who does not which one he broke."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.policy import Metric, Policy, Setting, Ticket, Verdict, Wait, duration, reject
from webproxy.testing import PolicyConformance

if TYPE_CHECKING:
    from webproxy.policy import RequestHead, ResponseHead, Summary, TrafficClass

DUTIES = [name for name in dir(PolicyConformance) if name.startswith("test_")]


def broken(make: Any, duty: str) -> str:
    """Run one test of the suite on a policy; gives what is said of it, nothing when the policy keeps this duty."""

    class Suite(PolicyConformance):
        def make_policy(self) -> Policy:
            policy: Policy = make()
            return policy

    try:
        getattr(Suite(), duty)()
    except Exception as error:  # noqa: BLE001 - an AssertionError, or what the policy raised
        return str(error) or repr(error)
    return ""


class Line(Policy):
    """Lets one request through at a time; the others wait."""

    settings = (
        Setting("limit", duration, "5s", "How long a request waits."),
        Setting("key", duration, None, "What must be given."),
    )

    def __init__(self) -> None:
        self.inside: set[str] = set()
        self.line: dict[Ticket, str] = {}

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        if not self.inside:
            self.inside.add(request.id)
            return None
        ticket = Ticket()
        self.line[ticket] = request.id
        return Wait(ticket, 5.0)

    def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
        self.inside.discard(request.id)

    def abandoned(self, ticket: Ticket) -> None:
        del self.line[ticket]


class NeverAtOnce(Line):
    """Lets everything wait."""

    def __init__(self) -> None:
        super().__init__()
        self.inside.add("somebody")


class TestLine(PolicyConformance):
    def make_policy(self) -> Policy:
        return Line()


@pytest.mark.parametrize("make", [Policy, Line, NeverAtOnce])
@pytest.mark.parametrize("duty", DUTIES)
def test_who_keeps_his_duties_passes(make: Any, duty: str) -> None:
    assert broken(make, duty) == ""


def test_how_it_is_made_must_be_said() -> None:
    with pytest.raises(NotImplementedError, match="define make_policy"):
        PolicyConformance().make_policy()


def test_what_is_no_policy() -> None:
    class Bare:
        settings = ()

    assert "is not derived from" in broken(Bare, "test_it_is_a_policy")


def test_settings_that_are_declared_badly() -> None:
    class Twice(Policy):
        settings = (Setting("a", duration, "1s", ""), Setting("a", duration, None, ""))

    class Unreadable(Policy):
        settings = (Setting("a", duration, "soon", ""),)

    class Loose(Policy):
        settings = ({"name": "a"},)  # type: ignore[assignment]

    duty = "test_its_settings_are_declared"
    assert "declared twice: a, a" in broken(Twice, duty)
    assert "'soon' is not a duration" in broken(Unreadable, duty)
    assert broken(Loose, duty)


def test_hooks_that_do_not_answer_at_once() -> None:
    class Later(Policy):
        async def request_received(self, request: RequestHead) -> None:  # type: ignore[override]
            return None

    class Asleep(Policy):
        def request_received(self, request: RequestHead) -> Verdict | Wait | None:
            time.sleep(0.002)
            return None

    duty = "test_its_hooks_answer_at_once"
    assert "request_received is a coroutine" in broken(Later, duty)
    assert "hooks answer at once" in broken(Asleep, duty)


def test_requests_that_it_cannot_stand() -> None:
    class Proud(Policy):
        def request_received(self, request: RequestHead) -> Verdict | Wait | None:
            assert request.client, "a client has an address"
            return None

    class Loose(Policy):
        def request_received(self, request: RequestHead) -> Any:
            return request.path == "/"

    duty = "test_it_lives_with_every_request"
    assert "a client has an address" in broken(Proud, duty)
    assert "it says True" in broken(Loose, duty)


def test_answers_that_it_cannot_stand() -> None:
    class Loose(Policy):
        def response_received(self, request: RequestHead, response: ResponseHead, current: TrafficClass) -> Any:
            return response.status

    assert "<ResponseHead 200> it says 200" in broken(Loose, "test_it_lives_with_every_answer")


def test_ends_that_it_cannot_stand() -> None:
    class Counting(Line):
        def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
            self.inside.remove(request.id)

    assert "exchange-1" in broken(Counting, "test_it_notes_tunnels_and_ends")


def test_clients_that_it_does_not_let_leave() -> None:
    class Jammed(Line):
        def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
            if summary.status == 200:
                super().exchange_finished(request, summary)

    class Banning(Line):
        def request_received(self, request: RequestHead) -> Verdict | Wait | None:
            return super().request_received(request) if len(self.line) < 50 else reject(429, "The line is full.")

        def abandoned(self, ticket: Ticket) -> None:
            pass

    duty = "test_it_lets_waiting_clients_leave"
    assert "a request is kept waiting; at first it was let through" in broken(Jammed, duty)
    assert "a request is rejected; at first it was let through" in broken(Banning, duty)


def test_metrics_that_tell_nothing() -> None:
    class Twice(Policy):
        def metrics(self) -> list[Metric]:
            return [Metric("seen", "gauge", "Requests.", lambda: 1)] * 2

    class Loose(Policy):
        def metrics(self) -> Any:
            return ["seen"]

    class Falling(Policy):
        left = 9

        def request_received(self, request: RequestHead) -> Verdict | Wait | None:
            self.left -= 1
            return None

        def metrics(self) -> list[Metric]:
            return [Metric("left", "counter", "What is left.", lambda: self.left)]

    duty = "test_its_metrics_can_be_read"
    assert "named twice: seen, seen" in broken(Twice, duty)
    assert "something that is no Metric" in broken(Loose, duty)
    assert "the counter left has fallen" in broken(Falling, duty)


def test_settings_that_cannot_change() -> None:
    class Jammed(Line):
        def replaces(self, before: Policy) -> None:
            assert isinstance(before, Jammed)
            self.inside = {"forgotten", *before.inside}

    said = broken(Jammed, "test_it_takes_over_when_settings_change")
    assert "a request is kept waiting; at first it was let through" in said


class Remembering(Policy):
    def __init__(self) -> None:
        self.seen: list[str] = []

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        self.seen.append(request.id + request.path * 100)
        return None


@pytest.mark.parametrize("traced", [False, True])
def test_what_it_does_not_forget(traced: bool) -> None:
    if traced:
        tracemalloc.start()
    try:
        assert "forget it in exchange_finished" in broken(Remembering, "test_it_forgets_what_is_over")
        assert tracemalloc.is_tracing() is traced
    finally:
        tracemalloc.stop()
