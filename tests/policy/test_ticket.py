"""A ticket is decided once, by whoever comes first."""

from __future__ import annotations

import math
from typing import Any

import pytest

from webproxy.policy import Rejection, Ticket, TrafficClass, Verdict, Wait
from webproxy.policy.ticket import GO_ON, TOO_LONG

SLOW = Verdict(traffic_class=TrafficClass("SLOW", 7200.0))


def test_deciding_resumes_the_request() -> None:
    ticket, heard = Ticket(), list[Verdict]()
    ticket.attach(heard.append)
    assert heard == []
    assert ticket.proceed(SLOW)
    assert heard == [SLOW]
    assert ticket.state == "decided"


def test_deciding_may_come_first() -> None:
    ticket, heard = Ticket(), list[Verdict]()
    assert ticket.reject(429, "Later.", 5)
    ticket.attach(heard.append)
    assert heard == [Verdict(rejection=Rejection(429, "Later.", 5))]


def test_deciding_twice_makes_no_difference() -> None:
    ticket, heard = Ticket(), list[Verdict]()
    ticket.attach(heard.append)
    assert ticket.proceed()
    assert not ticket.proceed(SLOW)
    assert not ticket.reject(429, "Later.")
    assert not ticket.abandon()
    assert heard == [GO_ON]


def test_the_abandoned_cannot_be_decided() -> None:
    ticket, heard = Ticket(), list[Verdict]()
    ticket.attach(heard.append)
    assert ticket.abandon()
    assert not ticket.abandon()
    assert not ticket.proceed()
    assert heard == []
    assert repr(ticket) == "<Ticket abandoned>"


def test_a_ticket_is_for_one_request() -> None:
    ticket = Ticket()
    ticket.claim()
    with pytest.raises(ValueError, match="make a ticket for every wait"):
        ticket.claim()


def test_a_rejection_must_be_one() -> None:
    ticket = Ticket()
    with pytest.raises(ValueError, match="400 to 599"):
        ticket.reject(200, "Fine.")
    assert ticket.state == "open"


def test_a_wait() -> None:
    wait = Wait(Ticket())
    assert (wait.limit, wait.expired) == (math.inf, TOO_LONG)


@pytest.mark.parametrize("limit", [0, -1.0, math.nan])
def test_a_wait_lasts(limit: float) -> None:
    with pytest.raises(ValueError, match="must be above 0"):
        Wait(Ticket(), limit)


def test_a_wait_has_a_ticket() -> None:
    not_a_ticket: Any = "ticket"
    with pytest.raises(TypeError, match="'ticket' is no Ticket"):
        Wait(not_a_ticket)
