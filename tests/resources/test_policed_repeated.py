"""Heads that are repeated: judged once where the head says all, as scripts of the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.wire import DATE, Side, Wire
from webproxy.policy import Policy, TrafficClass, Verdict
from webproxy.policy.chain import Chain
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.policed import Policed

if TYPE_CHECKING:
    from webproxy.policy.ticket import Ticket

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


class Counting(Policy):
    """Counts how often it is asked, and judges by the head alone."""

    name = "counting"
    by_head = True

    def __init__(self) -> None:
        self.asked = 0
        self.shown = 0

    def request_received(self, request: Any) -> Verdict:
        self.asked += 1
        return Verdict(traffic_class=TrafficClass("COUNTED", 50.0), why="counted")

    def response_received(self, request: Any, response: Any, current: Any) -> None:
        self.shown += 1
        assert request.path == "/v1/models"


@pytest.mark.parametrize(("others", "times"), [((), 1), ((Scripted(),), 3)])
def test_a_repeated_head_is_judged_once_where_heads_say_all(others: tuple[Policy, ...], times: int) -> None:
    counting = Counting()
    wire, client = policed(counting, *others)
    for _ in range(3):
        client.says(GET)
        if not wire.records:
            upstream = wire.upstream()
        upstream.says(OK + b"hello")
    assert (counting.asked, counting.shown) == (times, times)
    assert {(record.traffic_class, record.why) for record in wire.records} == {("COUNTED", "counting:counted")}


def test_another_head_is_judged_anew() -> None:
    counting = Counting()
    wire, client = policed(counting)
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    client.says(GET[:-2] + b"Cookie: a=b\r\n\r\n")
    upstream.says(OK[:-2] + b"X: y\r\n\r\nhello")
    client.says(GET[:-2] + b"Cookie: a=b\r\n\r\n")
    upstream.says(OK[:-2] + b"Set-Cookie: a=b\r\n\r\nhello")
    assert (counting.asked, counting.shown) == (3, 3)


def test_a_class_that_an_answer_raises_is_raised_each_time() -> None:
    wire, client = policed(TimeoutPolicy())
    for _ in range(2):
        client.says(GET)
        if not wire.records:
            upstream = wire.upstream()
        upstream.says(OK[:-2] + b"Content-Disposition: attachment\r\n\r\nhello")
    assert [record.traffic_class for record in wire.records] == ["DEFAULT>DOWNLOAD"] * 2
