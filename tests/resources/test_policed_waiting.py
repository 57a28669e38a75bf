"""Requests that a policy keeps waiting, as scripts of the wire."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tests.scripted import CHAT, GET, OK, Scripted, policed, status
from webproxy.policy import Wait
from webproxy.policy.ticket import Ticket
from webproxy.policy.timeout import TimeoutPolicy

if TYPE_CHECKING:
    from twisted.logger import LogEvent

    from tests.wire import Side, Wire

# Waiting


def held(limit: float = math.inf) -> tuple[Wire, Side, Ticket, list[Any]]:
    ticket = Ticket()
    policy = Scripted(Wait(ticket, limit))
    wire, client = policed(TimeoutPolicy(), policy)
    client.says(CHAT)
    assert wire.attempts == 0
    return wire, client, ticket, policy.heard


def test_a_request_that_waits_goes_on_when_the_policy_says_so() -> None:
    wire, client, ticket, _ = held()
    wire.passes(3600)
    assert client.sees() == b""
    assert ticket.proceed()
    upstream = wire.upstream()
    assert upstream.sees().endswith(b"\r\n\r\n{}")
    upstream.says(OK + b"hello")
    assert client.sees() == OK + b"hello"
    assert wire.records[0].traffic_class == "LONG"


def test_a_request_that_waits_may_be_rejected() -> None:
    wire, client, ticket, _ = held()
    ticket.reject(429, "The line is full.", 5)
    assert status(client.sees()) == 429
    assert wire.attempts == 0


def test_a_wait_that_lasts_too_long_ends_with_the_policys_answer() -> None:
    wire, client, ticket, heard = held(limit=10)
    wire.passes(9)
    assert client.sees() == b""
    wire.passes(2)
    assert status(client.sees()) == 503
    assert heard[0] == ("abandoned", ticket)
    assert not ticket.proceed()
    assert wire.attempts == 0


def test_a_client_that_leaves_the_line_is_forgotten_at_once() -> None:
    wire, client, ticket, heard = held()
    client.stalls()
    client.catches_up()
    client.leaves()
    assert heard == [("abandoned", ticket), ("/api/chat", 499, "client")]
    assert not ticket.proceed()
    assert wire.attempts == 0


def test_while_it_waits_the_body_beyond_64_kib_stays_unread_and_no_continue_is_sent() -> None:
    ticket = Ticket()
    wire, client = policed(Scripted(Wait(ticket)))
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n")
    client.says(b"x" * 70000)
    assert client.sees() == b""
    assert not client.read_from
    ticket.proceed()
    assert wire.upstream().sees().endswith(b"x" * 70000)
    assert client.read_from


def test_two_policies_may_wait_one_after_the_other() -> None:
    first, second = Ticket(), Ticket()
    wire, client = policed(Scripted(Wait(first), name="one"), Scripted(Wait(second), name="two"))
    client.says(GET)
    first.proceed()
    assert wire.attempts == 0
    second.proceed()
    assert wire.attempts == 1


def test_a_chain_that_breaks_after_waiting_costs_its_own_exchange(logged: list[LogEvent]) -> None:
    ticket = Ticket()
    wire, client = policed(Scripted(Wait(ticket)))

    def render(request: Any) -> int:
        raise ZeroDivisionError

    wire.site.root.inner.render = render  # type: ignore[attr-defined]
    client.says(GET)
    ticket.proceed()
    assert client.end == "aborted"
    assert len(wire.records) == 1
    assert any("log_failure" in event for event in logged)
