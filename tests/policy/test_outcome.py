"""Verdicts add up: a later class replaces an earlier one, everything else is joined."""

from __future__ import annotations

from typing import Any

import pytest

from webproxy.policy import Changes, Deadlines, Rejection, TrafficClass, Verdict
from webproxy.policy.outcome import Effects, Outcome, with_rejection, with_verdict

DEFAULT, SLOW = TrafficClass("DEFAULT", 60.0), TrafficClass("SLOW", 7200.0)
START = Outcome(DEFAULT, "default", "timeout")


def test_a_later_class_replaces_an_earlier_one_up_and_down() -> None:
    up = with_verdict(START, "patience", Verdict(traffic_class=SLOW, why="renders"))
    assert up == Outcome(SLOW, "renders", "patience")
    assert with_verdict(up, "haste", Verdict(traffic_class=DEFAULT)) == Outcome(DEFAULT, "", "haste")


def test_the_log_says_whose_class_it_is() -> None:
    assert START.reason == "default"
    assert Outcome(SLOW, "renders", "patience").reason == "patience:renders"


def test_effects_outlive_a_later_class() -> None:
    marked = with_verdict(START, "mark", Verdict(upstream=Changes([("X-Mark", "1")])))
    assert marked.traffic_class is DEFAULT
    slow = with_verdict(marked, "patience", Verdict(traffic_class=SLOW))
    assert slow == Outcome(SLOW, "", "patience", marked.effects)


def test_effects_of_several_are_joined() -> None:
    first = Verdict(deadlines=Deadlines(idle=1.0), upstream=Changes([("X-A", "1")]), client=Changes(remove=["Server"]))
    second = Verdict(deadlines=Deadlines(head=2.0), upstream=Changes([("X-B", "2")]), traffic_class=SLOW, frames=True)
    outcome = with_verdict(with_verdict(START, "first", first), "second", second)
    assert outcome == Outcome(
        SLOW,
        "",
        "second",
        Effects(
            deadlines=Deadlines(idle=1.0, head=2.0),
            upstream=Changes([("X-A", "1"), ("X-B", "2")]),
            client=Changes(remove=["Server"]),
            frames=True,
        ),
    )
    assert outcome.rejection is None


def test_a_rejection_says_whose_it_is() -> None:
    rejection = Rejection(403, "No.")
    by_verdict = with_verdict(START, "guard", Verdict(rejection=rejection))
    assert by_verdict == with_rejection(START, rejection, "guard")
    assert by_verdict.rejection == rejection
    assert by_verdict.effects == Effects(rejection=rejection, rejected_by="guard")
    assert (START.rejection, START.effects) == (None, None)


def test_what_is_no_verdict_is_refused() -> None:
    not_a_verdict: Any = True
    with pytest.raises(TypeError, match="a hook returned True, not a Verdict"):
        with_verdict(START, "odd", not_a_verdict)


def test_what_was_made_of_a_verdict_holds_for_that_policy_and_that_outcome_only() -> None:
    verdict = Verdict(traffic_class=SLOW, why="renders")
    marked = with_verdict(START, "marker", Verdict(client=Changes([("X-A", "1")])))
    first = with_verdict(START, "patience", verdict)
    assert with_verdict(START, "patience", verdict) is first
    assert with_verdict(START, "other", verdict).policy == "other"
    assert with_verdict(marked, "other", verdict).effects == marked.effects
