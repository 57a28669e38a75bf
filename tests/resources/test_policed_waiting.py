"""Requests that a policy keeps waiting, as scripts of the wire."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from tests.wire import DATE, Side, Wire
from webproxy.policy import Policy, Wait
from webproxy.policy.chain import Chain
from webproxy.policy.ticket import Ticket
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from twisted.logger import LogEvent

GET = b"GET /v1/models HTTP/1.1\r\nHost: h\r\n\r\n"
CHAT = b"POST /api/chat HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nContent-Length: 5\r\n\r\n"


class Scripted(Policy):
    """Says what the test wants said, and writes down what it hears."""

    def __init__(
        self, request: Any = None, response: Any = None, name: str = "scripted", heard: list[Any] | None = None
    ) -> None:
        self.name = name
        self.request = request
        self.response = response
        self.heard: list[Any] = [] if heard is None else heard

    def request_received(self, request: Any) -> Any:
        return self.request(request) if callable(self.request) else self.request

    def response_received(self, request: Any, response: Any, current: Any) -> Any:
        return self.response(response) if callable(self.response) else self.response

    def tunnel_opened(self, request: Any) -> None:
        self.heard.append(("tunnel", request.path))

    def exchange_finished(self, request: Any, summary: Any) -> None:
        self.heard.append((request.path, summary.status, summary.closed_by))

    def abandoned(self, ticket: Ticket) -> None:
        self.heard.append(("abandoned", ticket))


def policed(*policies: Policy, report: Any = None) -> tuple[Wire, Side]:
    wire = Wire()
    chain = Chain(policies, report)
    wire.site.root = Policed(chain, wire.forward)
    wire.site.idle = chain.unjudged.traffic_class.limit
    return wire, wire.client()


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


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
