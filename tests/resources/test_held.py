"""A request that waits: its scripts are in ``test_policed``; here, what its parts promise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from webproxy.policy.chain import Chain
from webproxy.policy.policy import Policy
from webproxy.policy.ticket import Ticket, Wait
from webproxy.resources.held import Held
from webproxy.testing import request

if TYPE_CHECKING:
    from webproxy.policy.heads import RequestHead


class Line(Policy):
    """Keeps everybody waiting."""

    name = "line"

    def __init__(self) -> None:
        self.ticket = Ticket()

    def request_received(self, request: RequestHead) -> Wait:
        return Wait(self.ticket)


class Asked:
    """Stands for the judgement and its request."""

    def __init__(self) -> None:
        self.request: Any = self
        self.channel: Any = self
        self.responder: Any = None
        self.limit = 0.0

    def touch(self, limit: float) -> None:
        self.limit = limit


def test_it_takes_no_body_and_says_what_it_waits_for() -> None:
    line = Line()
    waiting: Any = Chain([line]).request_received(request("GET", "/x"))
    asked: Any = Asked()
    held = Held(asked, waiting)
    assert asked.responder is held
    assert asked.limit == math.inf
    assert repr(held).startswith("<Held <Waiting ")
    held.body_received(b"x", True)
    assert line.ticket.state == "open"
