"""The room: who is with the service, who waits outside, and for whom the next slot is.

Rule of this file: a slot is held from the moment a request goes on until its exchange is over, however that comes
about; whoever is in line is known by the ticket, whoever is past it by the request.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from webproxy.policy import Changes, Ticket, Verdict
from webproxy_queue.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.policy import RequestHead

FIELD = "X-Queue-Place"

FIRST_GUESS = 10.0
"""Seconds that a generation is thought to take while none has ended yet."""

LONGEST_RETRY = 60
"""Most seconds in Retry-After: OpenAI's clients wait no longer on anybody's word."""


def placed(number: int) -> Verdict:
    """Let a request go on, and its answer say where in line it began."""
    return Verdict(client=Changes([(FIELD, str(number))]))


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


class Room:
    """Slots, and the line for them.

    :param slots: how many.
    :param clock: tells seconds.
    :ivar running: who is with the service, and since when.
    :ivar line: who waits.
    :ivar begun: how many went on, ever.
    :ivar waited: how many of them had to wait.
    :ivar turned_away: how many found the line full, or made room in it.
    :ivar left: how many left the line.
    """

    def __init__(self, slots: int, clock: Callable[[], float]) -> None:
        self._slots = slots
        self._clock = clock
        self._moving = False
        self._typical = FIRST_GUESS
        self.running: dict[RequestHead, float] = {}
        self.line: Line[Place] = Line()
        self.begun = self.waited = self.turned_away = self.left = 0

    def __repr__(self) -> str:
        return f"<Room running={len(self.running)}/{self._slots} waiting={len(self.line)}>"

    @property
    def free(self) -> bool:
        """Whether somebody who comes may go on at once: there is a slot, and nobody waits for it."""
        return len(self.running) < self._slots and not self.line

    @property
    def retry_after(self) -> int:
        """In how many seconds a place should be free: when the next generation ends."""
        return min(max(math.ceil(self._typical / self._slots), 1), LONGEST_RETRY)

    def begin(self, request: RequestHead) -> None:
        """A request goes on."""
        self.running[request] = self._clock()
        self.begun += 1

    def end(self, request: RequestHead) -> None:
        """An exchange is over: if it had a slot, that is free."""
        since = self.running.pop(request, None)
        if since is not None:
            self._typical += (self._clock() - since - self._typical) / 5  # the last few count
            self._move()

    def join(self, place: Place) -> None:
        """Somebody waits."""
        place.number = self.line.join(place.principal, place)

    def leave(self, place: Place) -> None:
        """Somebody does not wait any longer."""
        self.line.leave(place.principal, place)
        self.left += 1

    def resize(self, slots: int) -> None:
        """There are so many slots from now on; who runs runs on."""
        self._slots = slots
        self._move()

    def _move(self) -> None:
        """Let those go on whose turn it is. Each may be over before ``proceed`` returns, and end up here again."""
        if self._moving:
            return
        self._moving = True
        try:
            while self.line and len(self.running) < self._slots:
                place = self.line.take()
                self.begin(place.request)
                self.waited += 1
                place.proceed(placed(place.number))
        finally:
            self._moving = False
