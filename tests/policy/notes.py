"""Policies for tests: they say what they are told to say, and note what they are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from webproxy.policy import Policy, Rejection, Ticket, Wait
from webproxy.policy.outcome import Outcome
from webproxy.testing import request

if TYPE_CHECKING:
    from webproxy.policy import RequestHead, ResponseHead, Summary, TrafficClass, Verdict
    from webproxy.policy.chain import Chain


class Noted(Policy):
    """Says what it is told to say, and notes what it is asked."""

    def __init__(self, name: str, on_request: Any = None, on_response: Any = None) -> None:
        self.name = name
        self.on_request, self.on_response = on_request, on_response
        self.notes: list[str] = []

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        self.notes.append(f"request {request.path}")
        verdict: Verdict | Wait | None = said(self.on_request)
        return verdict

    def response_received(self, request: RequestHead, response: ResponseHead, current: TrafficClass) -> Verdict | None:
        self.notes.append(f"response {response.status} {current.name}")
        verdict: Verdict | None = said(self.on_response)
        return verdict

    def tunnel_opened(self, request: RequestHead) -> None:
        self.notes.append("tunnel")

    def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
        self.notes.append(f"finished {summary.status}")

    def abandoned(self, ticket: Ticket) -> None:
        self.notes.append("abandoned")


class Closed(Noted):
    fail_closed = True


def said(word: Any) -> Any:
    if isinstance(word, Exception):
        raise word
    return word


def outcome_of(chain: Chain, asked: RequestHead | None = None) -> Outcome:
    outcome = chain.request_received(asked or request())
    assert isinstance(outcome, Outcome)
    return outcome


class Reports:
    def __init__(self) -> None:
        self.made: list[tuple[str, str, str]] = []

    def __call__(self, name: str, error: Exception, exchange_id: str) -> None:
        self.made.append((name, str(error), exchange_id))


class Line(Noted):
    """Lets everything wait."""

    def __init__(self, name: str = "line", limit: float = 5.0) -> None:
        super().__init__(name)
        self.tickets: list[Ticket] = []
        self.limit = limit

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        self.tickets.append(Ticket())
        return Wait(self.tickets[-1], self.limit, Rejection(503, "Too long.", 7))
