"""The policy: which requests count, who may go on at once, who waits, and what is said to who is turned away.

Rule of this file: settings and verdicts; who is where is the room's.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, cast

from webproxy.policy import Metric, Policy, Rejection, Setting, Wait, idle_limit, one_of, reject, whole_number
from webproxy_queue.room import Place, Room, placed

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.policy import RequestHead, Summary, Ticket, Verdict

FULL = "The service is busy, and its line is full; try again later."


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
        self._room = Room(slots, clock)
        self._at_once = placed(0)

    def __repr__(self) -> str:
        return f"<Queue of {self._room!r}>"

    def request_received(self, request: RequestHead) -> Verdict | Wait | None:
        """Let a generation go on, wait, or come back later; everything else is none of our business."""
        endpoint = request.endpoint
        if endpoint is None or not endpoint.generation:
            return None
        room = self._room
        if room.free:
            room.begin(request)
            return self._at_once
        principal = request.principal if self._by_user else request.neighbourhood
        if len(room.line) < self._waiting:
            return self._join(request, principal)
        spared = room.line.last_to_spare(principal)
        room.turned_away += 1
        if spared is None:
            return reject(429, FULL, room.retry_after)
        room.line.leave(*spared)
        wait = self._join(request, principal)
        spared[1].reject(429, FULL, room.retry_after)  # ends its exchange: the line is in order by now
        return wait

    def exchange_finished(self, request: RequestHead, summary: Summary) -> None:
        """Give the slot to whose turn it is."""
        self._room.end(request)

    def abandoned(self, ticket: Ticket) -> None:
        """Forget who has left the line, or has waited too long."""
        self._room.leave(cast("Place", ticket))

    def replaces(self, before: Policy) -> None:
        """Keep those who run and those who wait, with other settings for who comes."""
        self._room = cast("Queue", before)._room  # noqa: SLF001 - it is one of us
        self._room.resize(self._slots)

    def metrics(self) -> tuple[Metric, ...]:
        """Give the lengths, and what has become of all."""
        room = self._room
        return (
            Metric("running", "gauge", "Generations that the service works on.", lambda: len(room.running)),
            Metric("waiting", "gauge", "Generations in line.", lambda: len(room.line)),
            Metric("begun", "counter", "Generations that went on, at once or after waiting.", lambda: room.begun),
            Metric("waited", "counter", "Generations that had to wait first.", lambda: room.waited),
            Metric("turned_away", "counter", "Generations for which the line was full.", lambda: room.turned_away),
            Metric("left", "counter", "Generations whose client or whose time to wait was gone.", lambda: room.left),
        )

    def _join(self, request: RequestHead, principal: str) -> Wait:
        place = Place(request, principal)
        self._room.join(place)
        too_long = f"This generation waited {self._wait:g} s for its turn; the service is busy with others."
        return Wait(place, self._wait, Rejection(429, too_long, self._room.retry_after))
