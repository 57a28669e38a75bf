"""The policy: who may go on at once, who waits, and who is turned away.

Rule of this file: a slot is held from the moment a request goes on until its exchange is over, however that comes
about; whoever is in line is known by the ticket, whoever is past it by the request.
"""

from __future__ import annotations

import math
from time import monotonic
from typing import TYPE_CHECKING, cast

from webproxy.policy import (
    Changes,
    Metric,
    Policy,
    Rejection,
    Setting,
    Ticket,
    Verdict,
    Wait,
    idle_limit,
    one_of,
    reject,
    whole_number,
)
from webproxy_queue.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.policy import RequestHead, Summary

FIELD = "X-Queue-Place"

FIRST_GUESS = 10.0
"""Seconds that a generation is thought to take while none has ended yet."""

LONGEST_RETRY = 60
"""Most seconds in Retry-After: OpenAI's clients wait no longer on anybody's word."""


class Place(Ticket):
    """A request's place in line.

    :param request: what waits.
    :param principal: whose turn it takes.
    :ivar number: where in line it began; 1 was next.
    """

    def __init__(self, request: RequestHead, principal: str) -> None:
        super().__init__()
        self.request = request
        self.principal = principal
        self.number = 0


class Queue(Policy):
    """Lets the service work on so many generations at a time; the others wait in line and take turns.

    :param slots: how many at a time.
    :param waiting: how many may wait.
    :param wait: for how many seconds each may; ``math.inf`` for no limit.
    :param by: who takes turns: ``user``, which is the address of whom nobody knows, or ``address``.
    :param clock: tells seconds.
    """

    settings = (
        Setting("slots", whole_number(1, 1000), "2", "How many generations the service works on at a time."),
        Setting("waiting", whole_number(0, 1000), "20", "How many generations may wait in line."),
        Setting("wait", idle_limit, "60s", "How long each of them may wait; none for no limit."),
        Setting("by", one_of("user", "address"), "user", "Who takes turns: users (whom nobody knows by address)."),
    )

    def __init__(
        self, *, slots: int, waiting: int, wait: float, by: str = "user", clock: Callable[[], float] = monotonic
    ) -> None:
        self._slots, self._waiting, self._wait = slots, waiting, wait
        self._by_user = by == "user"
        self._clock = clock
        self._running: dict[RequestHead, float] = {}  # since when
        self._line: Line[Place] = Line()
        self._moving = False
        self._typical = FIRST_GUESS
        self._at_once = _placed(0)
        self._full = "The service is busy, and its line is full; try again later."
        self._begun = self._waited = self._turned_away = self._left = 0

    def __repr__(self) -> str:
        return f"<Queue running={len(self._running)}/{self._slots} waiting={len(self._line)}/{self._waiting}>"

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        """Let a generation go on, wait, or come back later; everything else is none of our business."""
        endpoint = request.endpoint
        if endpoint is None or not endpoint.generation:
            return None
        if len(self._running) < self._slots and not self._line:
            self._begin(request)
            return self._at_once
        principal = request.principal if self._by_user else request.neighbourhood
        if len(self._line) < self._waiting:
            return self._join(request, principal)
        spared = self._line.last_to_spare(principal)
        if spared is None:
            self._turned_away += 1
            return reject(429, self._full, self._retry_after())
        self._line.leave(*spared)
        wait = self._join(request, principal)
        self._turned_away += 1
        spared[1].reject(429, self._full, self._retry_after())  # ends its exchange: the line is in order by now
        return wait

    def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
        """Give the slot to whose turn it is."""
        since = self._running.pop(request, None)
        if since is not None:
            self._typical += (self._clock() - since - self._typical) / 5  # the last few count
            self._move()

    def abandoned(self, ticket: Ticket) -> None:
        """Forget who has left the line, or has waited too long."""
        place = cast("Place", ticket)
        self._line.leave(place.principal, place)
        self._left += 1

    def metrics(self) -> tuple[Metric, ...]:
        """Give the lengths, and what has become of all."""
        return (
            Metric("running", "gauge", "Generations that the service works on.", lambda: len(self._running)),
            Metric("waiting", "gauge", "Generations in line.", lambda: len(self._line)),
            Metric("begun", "counter", "Generations that went on, at once or after waiting.", lambda: self._begun),
            Metric("waited", "counter", "Generations that had to wait first.", lambda: self._waited),
            Metric("turned_away", "counter", "Generations for which the line was full.", lambda: self._turned_away),
            Metric("left", "counter", "Generations whose client or whose time to wait was gone.", lambda: self._left),
        )

    def _join(self, request: RequestHead, principal: str) -> Wait:
        place = Place(request, principal)
        place.number = self._line.join(principal, place)
        too_long = f"This generation waited {self._wait:g} s for its turn; the service is busy with others."
        return Wait(place, self._wait, Rejection(429, too_long, self._retry_after()))

    def _begin(self, request: RequestHead) -> None:
        self._running[request] = self._clock()
        self._begun += 1

    def _move(self) -> None:
        """Let those go on whose turn it is. Each may be over before ``proceed`` returns, and end up here again."""
        if self._moving:
            return
        self._moving = True
        try:
            while self._line and len(self._running) < self._slots:
                place = self._line.take()
                self._begin(place.request)
                self._waited += 1
                place.proceed(_placed(place.number))
        finally:
            self._moving = False

    def _retry_after(self) -> int:
        """Say in how many seconds a place should be free: when the next generation ends."""
        return min(max(math.ceil(self._typical / self._slots), 1), LONGEST_RETRY)


def _placed(number: int) -> Verdict:
    """Let a request go on, and its answer say where in line it began."""
    return Verdict(client=Changes([(FIELD, str(number))]))
