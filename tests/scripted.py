"""A policy that says what the test wants said, and a proxy that asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.wire import DATE, Side, Wire
from webproxy.policy import Policy
from webproxy.policy.chain import Chain
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
    """A proxy that asks these policies, and a client of it."""
    wire = Wire()
    chain = Chain(policies, report)
    wire.site.root = Policed(chain, wire.forward)
    wire.site.idle = chain.unjudged.traffic_class.limit
    return wire, wire.client()


def status(answer: bytes) -> int:
    """The status code of an answer."""
    return int(answer.split(b" ", 2)[1])
