"""What one policy makes of an exchange, and what it raises is raised."""

from __future__ import annotations

import pytest

from tests.policy.notes import Line, Noted
from webproxy.policy import Rejection, TrafficClass, Verdict, reject
from webproxy.testing import chain_of, judge, request, response

SLOW = TrafficClass("SLOW", 7200.0)


def test_of_a_request() -> None:
    assert judge(Noted("a", reject(403, "No.")), request()).rejection == Rejection(403, "No.")


def test_of_an_answer() -> None:
    outcome = judge(Noted("a", None, Verdict(traffic_class=SLOW, why="x")), request(), response())
    assert (outcome.traffic_class, outcome.why) == (SLOW, "x")


def test_what_it_raises_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        judge(Noted("a", ZeroDivisionError()), request())


def test_waiting_is_for_chains() -> None:
    with pytest.raises(ValueError, match="line lets the request wait"):
        judge(Line(), request())
    assert not isinstance(chain_of(Line()).request_received(request()), tuple)
