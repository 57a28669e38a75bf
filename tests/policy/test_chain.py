"""The chain: who is asked, whose word counts, and what a policy that raises costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.policy.notes import Closed, Noted, Reports, outcome_of, said
from webproxy.policy import Changes, Metric, Policy, Rejection, Summary, TrafficClass, Verdict, Wait, reject
from webproxy.policy.chain import Chain
from webproxy.policy.outcome import Outcome
from webproxy.testing import request, response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from webproxy.policy import RequestHead

SLOW, SLOWER = TrafficClass("SLOW", 7200.0), TrafficClass("SLOWER", 9000.0)


def test_without_policies_everything_is_default() -> None:
    chain = Chain([], default=TrafficClass("DEFAULT", 5.0))
    outcome = outcome_of(chain)
    assert outcome == Outcome(TrafficClass("DEFAULT", 5.0), "default", "timeout")
    assert chain.response_received(request(), response(), outcome) is outcome
    assert repr(chain) == "<Chain empty>"


def test_policies_are_asked_in_their_order_and_the_last_class_counts() -> None:
    policies = [
        Noted("a", Verdict(traffic_class=SLOW, why="x")),
        Noted("b"),
        Noted("c", Verdict(traffic_class=SLOWER, why="y")),
    ]
    assert outcome_of(Chain(policies)) == Outcome(SLOWER, "y", "c")
    assert outcome_of(Chain(policies[::-1])) == Outcome(SLOW, "x", "a")
    assert repr(Chain(policies)) == "<Chain a b c>"


def test_the_first_rejection_wins_and_those_after_it_are_not_asked() -> None:
    first, second = Noted("first", reject(403, "No.")), Noted("second", reject(429, "Later."))
    outcome = outcome_of(Chain([first, second]))
    assert outcome.rejection == Rejection(403, "No.")
    assert outcome.effects is not None
    assert outcome.effects.rejected_by == "first"
    assert second.notes == []


def test_hooks_that_nobody_overrides_are_not_called() -> None:
    class OnlyRequests(Policy):
        def request_received(self, request: RequestHead) -> Verdict | Wait | None:
            return None

    chain = Chain([OnlyRequests(), Policy()])
    assert (chain.judges_responses, chain.hears_tunnels, chain.hears_ends) == (False, False, False)
    chain = Chain([OnlyRequests(), Noted("noted")])
    assert (chain.judges_responses, chain.hears_tunnels, chain.hears_ends) == (True, True, True)


def test_an_answer_may_raise_the_class_again_and_again() -> None:
    policies = [
        Noted("a", None, Verdict(traffic_class=SLOW)),
        Noted("b"),
        Noted("c", None, Verdict(traffic_class=SLOWER)),
    ]
    chain = Chain(policies)
    outcome = chain.response_received(request(), response(206), outcome_of(chain))
    assert outcome == Outcome(SLOWER, "", "c")
    assert [policy.notes[1] for policy in policies] == [
        "response 206 DEFAULT",
        "response 206 SLOW",
        "response 206 SLOW",
    ]


def test_an_answer_may_be_rejected() -> None:
    last = Noted("last")
    chain = Chain([Noted("a", None, reject(502, "Not that.")), last])
    outcome = chain.response_received(request(), response(), outcome_of(chain))
    assert outcome.rejection == Rejection(502, "Not that.")
    assert last.notes == ["request /"]


def test_effects_of_the_request_are_still_there_after_the_answer() -> None:
    chain = Chain([Noted("a", Verdict(client=Changes([("X-A", "1")])), Verdict(client=Changes([("X-B", "2")])))])
    outcome = chain.response_received(request(), response(), outcome_of(chain))
    assert outcome.effects is not None
    assert outcome.effects.client == Changes([("X-A", "1"), ("X-B", "2")])


def test_all_are_told_of_tunnels_and_ends() -> None:
    policies = [Noted("a"), Noted("b")]
    chain = Chain(policies)
    chain.tunnel_opened(request())
    chain.exchange_finished(request(), Summary(status=101))
    assert [policy.notes for policy in policies] == [["tunnel", "finished 101"]] * 2


# A policy that raises


@pytest.mark.parametrize("word", [ValueError("oops"), "not a verdict"])
def test_a_policy_that_raises_costs_its_report(word: object) -> None:
    reports = Reports()
    chain = Chain([Noted("bad", word, word), Noted("good", Verdict(traffic_class=SLOW))], reports)
    outcome = chain.response_received(request(), response(), outcome_of(chain))
    assert outcome == Outcome(SLOW, "", "good")
    assert [(name, identity) for name, _, identity in reports.made] == [("bad", "exchange-1")] * 2
    assert chain.failures == {"bad": 2, "good": 0}


def test_a_policy_that_fails_closed_lets_nothing_through() -> None:
    reports = Reports()
    after = Noted("after")
    outcome = outcome_of(Chain([Closed("guard", ValueError("oops")), after], reports))
    assert outcome.rejection == Rejection(503, "The policy guard failed, and nothing passes without it.")
    assert reports.made == [("guard", "oops", "exchange-1")]
    assert after.notes == []


def test_a_policy_that_fails_closed_lets_no_answer_through() -> None:
    chain = Chain([Closed("guard", None, ValueError("oops"))])
    outcome = chain.response_received(request(), response(), outcome_of(chain))
    assert outcome.rejection is not None
    assert outcome.rejection.status == 503


def test_who_raises_when_told_something_does_not_keep_it_from_others() -> None:
    class Loud(Policy):
        name = "loud"

        def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
            raise ValueError("oops")

    reports, quiet = Reports(), Noted("quiet")
    chain = Chain([Loud(), quiet], reports)
    chain.exchange_finished(request(exchange_id="e7"), Summary(status=200))
    assert quiet.notes == ["finished 200"]
    assert reports.made == [("loud", "oops", "e7")]


def test_what_is_no_exception_of_ours_is_not_caught() -> None:
    class Stopped(Policy):
        def request_received(self, request: RequestHead) -> Verdict | Wait | None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Chain([Stopped()]).request_received(request())


# Judging by class


class ByClass(Noted):
    """Notes the class so far."""

    def request_classified(self, request: RequestHead, current: TrafficClass) -> Verdict | Wait | None:
        self.notes.append(f"classified {current.name}")
        verdict: Verdict | Wait | None = said(self.on_response)
        return verdict


def test_who_judges_by_class_knows_what_those_before_have_said() -> None:
    policies = [
        ByClass("a"),
        Noted("b", Verdict(traffic_class=SLOW)),
        ByClass("c", Verdict(traffic_class=SLOWER), reject(429, "Too slow.")),
        Noted("d"),
    ]
    outcome = outcome_of(Chain(policies))
    assert outcome.effects is not None
    assert (outcome.effects.rejected_by, outcome.traffic_class) == ("c", SLOWER)
    assert [policy.notes for policy in policies] == [
        ["request /", "classified DEFAULT"],
        ["request /"],
        ["request /", "classified SLOWER"],
        [],
    ]


# Metrics


class Watched(Policy):
    """Has metrics, or raises instead."""

    def __init__(self, name: str, *read: Callable[[], float]) -> None:
        self.name = name
        self.read = read

    def metrics(self) -> Iterable[Metric]:
        return [Metric(f"number_{at}", "gauge", "A number.", read) for at, read in enumerate(self.read)]


def test_metrics_are_read_when_somebody_asks() -> None:
    line: list[int] = []
    chain = Chain([Watched("a", lambda: len(line), lambda: 0.5), Noted("b"), Watched("c", lambda: 7)])
    line.append(1)
    read = [(reading.policy, reading.metric.name, reading.value) for reading in chain.readings()]
    assert read == [("a", "number_0", 1.0), ("a", "number_1", 0.5), ("c", "number_0", 7.0)]


def test_metrics_that_cannot_be_read_cost_their_report() -> None:
    reports = Reports()
    chain = Chain([Watched("a", lambda: 1, lambda: 1 / 0), Watched("b", lambda: 2)], reports)
    assert [reading.policy for reading in chain.readings()] == ["b"]
    assert reports.made == [("a", "division by zero", "-")]
    assert chain.failures == {"a": 1, "b": 0}


# Other settings while it runs


class Replacing(Noted):
    def replaces(self, before: Policy) -> None:
        said(self.on_request)
        self.notes.append(f"replaces {id(before)}")


def test_a_policy_takes_over_from_the_one_before() -> None:
    before, stays = Replacing("a"), Replacing("stays")
    policies = [Replacing("a"), stays, Replacing("new"), Noted("was another class")]
    chain = Chain(policies)
    chain.follow(Chain([before, stays, Replacing("gone"), Replacing("was another class")]))
    assert [policy.notes for policy in policies] == [[f"replaces {id(before)}"], [], [], []]


def test_one_that_cannot_take_over_costs_its_report() -> None:
    reports = Reports()
    last = Replacing("b")
    Chain([Replacing("a", ValueError("oops")), last], reports).follow(Chain([Replacing("a"), Replacing("b")]))
    assert reports.made == [("a", "oops", "-")]
    assert len(last.notes) == 1
