"""A request waits until its policy decides, its limit passes, or its client leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.policy.notes import Line, Noted, Reports, outcome_of
from webproxy.policy import Changes, Rejection, Ticket, TrafficClass, Verdict, Wait
from webproxy.policy.chain import Chain
from webproxy.policy.outcome import Outcome
from webproxy.policy.waiting import Waiting
from webproxy.testing import request, response

if TYPE_CHECKING:
    from collections.abc import Callable

SLOW = TrafficClass("SLOW", 7200.0)


def waiting(chain: Chain) -> tuple[Waiting, list[Outcome | Waiting]]:
    """Ask about a request that has to wait; gives what comes next, too."""
    found = chain.request_received(request())
    assert isinstance(found, Waiting)
    heard: list[Outcome | Waiting] = []
    found.resumed(heard.append)
    return found, heard


def test_a_request_waits_until_the_policy_says_so() -> None:
    line, after = Line(), Noted("after", Verdict(traffic_class=SLOW))
    found, heard = waiting(Chain([Noted("before", Verdict(client=Changes([("X-A", "1")]))), line, after]))
    assert (found.limit, found.policy, heard, after.notes) == (5.0, "line", [], [])
    assert repr(found).endswith("for line, open>")
    line.tickets[0].proceed(Verdict(client=Changes([("X-Place", "1")])))
    assert after.notes == ["request /"]
    assert isinstance(heard[0], Outcome)
    assert heard[0].traffic_class == SLOW
    assert heard[0].effects is not None
    assert heard[0].effects.client == Changes([("X-A", "1"), ("X-Place", "1")])


def test_a_waiting_request_may_be_rejected() -> None:
    line, after = Line(), Noted("after")
    _, heard = waiting(Chain([line, after]))
    line.tickets[0].reject(429, "The line is full.", 3)
    assert isinstance(heard[0], Outcome)
    assert heard[0].rejection == Rejection(429, "The line is full.", 3)
    assert after.notes == []


def test_a_request_may_wait_twice() -> None:
    first, second = Line("first"), Line("second", 9.0)
    _, heard = waiting(Chain([first, second]))
    first.tickets[0].proceed()
    again = heard[0]
    assert isinstance(again, Waiting)
    assert (again.policy, again.limit) == ("second", 9.0)
    again.resumed(heard.append)
    second.tickets[0].proceed()
    assert heard[1] == Outcome(TrafficClass("DEFAULT", 60.0), "default", "timeout")


def test_the_policy_may_have_decided_before_it_returns() -> None:
    decided = Ticket()
    decided.proceed()
    _, heard = waiting(Chain([Noted("quick", Wait(decided))]))
    assert isinstance(heard[0], Outcome)


def test_a_wait_has_an_end() -> None:
    line = Line()
    found, heard = waiting(Chain([line]))
    outcome = found.expire()
    assert outcome is not None
    assert outcome.rejection == Rejection(503, "Too long.", 7)
    assert outcome.effects is not None
    assert outcome.effects.rejected_by == "line"
    assert line.notes == ["abandoned"]
    assert not line.tickets[0].proceed()
    assert heard == []


def test_a_wait_that_was_decided_does_not_expire() -> None:
    line = Line()
    found, heard = waiting(Chain([line]))
    line.tickets[0].proceed()
    assert found.expire() is None
    found.abandon()
    assert (line.notes, len(heard)) == ([], 1)


def test_a_client_may_leave_the_line() -> None:
    line = Line()
    found, heard = waiting(Chain([line]))
    found.abandon()
    found.abandon()
    assert line.notes == ["abandoned"]
    assert not line.tickets[0].proceed()
    assert heard == []


def test_who_raises_when_a_client_leaves_is_reported() -> None:
    class Loud(Line):
        def abandoned(self, ticket: Ticket) -> None:
            raise ValueError("oops")

    reports = Reports()
    found, _ = waiting(Chain([Loud()], reports))
    found.abandon()
    assert reports.made == [("line", "oops", "exchange-1")]


def test_a_ticket_is_for_one_request() -> None:
    reports, ticket = Reports(), Ticket()
    chain = Chain([Noted("careless", Wait(ticket))], reports)
    assert isinstance(chain.request_received(request()), Waiting)
    assert isinstance(chain.request_received(request()), Outcome)
    assert reports.made[0][:2] == ("careless", f"{ticket!r} has been returned before; make a ticket for every wait")


@pytest.mark.parametrize(("make", "status"), [(Line, None), (type("ClosedLine", (Line,), {"fail_closed": True}), 503)])
def test_a_ticket_decided_with_what_is_no_verdict(make: Callable[[], Line], status: int | None) -> None:
    line, reports = make(), Reports()
    _, heard = waiting(Chain([line], reports))
    nonsense: Any = "nonsense"
    line.tickets[0].proceed(nonsense)
    assert isinstance(heard[0], Outcome)
    assert (heard[0].rejection and heard[0].rejection.status) == status
    assert reports.made == [("line", "a hook returned 'nonsense', not a Verdict", "exchange-1")]


def test_answers_do_not_wait() -> None:
    reports = Reports()
    chain = Chain([Noted("odd", None, Wait(Ticket()))], reports)
    outcome = outcome_of(chain)
    assert chain.response_received(request(), response(), outcome) is outcome
    assert reports.made[0][0] == "odd"
