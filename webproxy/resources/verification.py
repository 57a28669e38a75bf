"""Passwords on trial: whose turn it is, what a wrong one costs, and who need not wait at all.

``webproxy.access`` decides (``throttle``: how long an address waits; ``line``: who is next); this file keeps the time,
and has the work done in threads. Rule of this file: nothing is spent on who is locked out; what waits is bounded; and
an address has one password on trial at a time, so that many connections are worth no more than one.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Protocol

from webproxy.access.line import Line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from webproxy.access.throttle import Throttle

WAITING = 64
"""Passwords that wait for a thread."""

DELAYED = 256
"""Passwords whose address has failed before, and waits for that."""


class Attempt(Protocol):
    """A login that somebody waits for.

    :ivar place: what counts as its address.
    :ivar user: a digest of the name tried.
    :ivar digest: of name and password.
    """

    @property
    def place(self) -> str: ...  # noqa: D102

    @property
    def user(self) -> bytes: ...  # noqa: D102

    @property
    def digest(self) -> bytes: ...  # noqa: D102

    def is_known(self) -> bool:
        """Tell whether the same has been found good meanwhile."""

    def trial(self) -> Callable[[], bool] | None:
        """Give what finds out, in a thread, whether name and password belong together; None: nothing to find out."""

    def found(self, good: bool) -> None:
        """It is known to be good, or wrong; called once, unless one of the next two is."""

    def locked(self, seconds: int) -> None:
        """It is not looked at, for its address failed too often."""

    def no_room(self) -> None:
        """It is not looked at, for too many wait."""


class Verification:
    """Passwords on trial.

    :param throttle: what guessing costs.
    :param clock: tells the time and calls later.
    :param run: has work done in a thread and gives what came of it.
    :param threads: how many trials run at once.
    """

    def __init__(self, throttle: Throttle, clock: Any, run: Callable[..., None], threads: int) -> None:
        self._throttle = throttle
        self._clock = clock
        self._run = run
        self._free = threads
        self._line: Line[Attempt] = Line(WAITING, self._failures)
        self._delayed: Line[Attempt] = Line(DELAYED, self._failures)
        self._timers: dict[Attempt, Any] = {}

    def __repr__(self) -> str:
        return f"<Verification free={self._free} waiting={len(self._line)} delayed={len(self._delayed)}>"

    def _failures(self, place: str) -> int:
        return self._throttle.failures(place, self._clock.seconds())

    def submit(self, one: Attempt) -> None:
        """Put a login on trial, when its turn has come."""
        now = self._clock.seconds()
        wait = self._throttle.wait(one.place, now)
        if wait.locked:
            one.locked(ceil(wait.locked))
            return
        delay = max(wait.delay, self._throttle.user_delay(one.user, now))
        if delay:
            self._delay(one, delay)
        else:
            self._enter(one)

    def leave(self, one: Attempt) -> None:
        """Nobody waits for this any more; a trial that runs goes on, and counts."""
        self._line.leave(one)
        self._delayed.leave(one)
        timer = self._timers.pop(one, None)
        if timer is not None:
            timer.cancel()

    def _delay(self, one: Attempt, seconds: float) -> None:
        loser = self._delayed.join(one)
        if loser is not one:
            self._timers[one] = self._clock.callLater(seconds, self._delay_over, one)
        if loser is not None:
            self.leave(loser)
            loser.no_room()

    def _delay_over(self, one: Attempt) -> None:
        del self._timers[one]
        self._delayed.leave(one)
        self._enter(one)

    def _enter(self, one: Attempt) -> None:
        """Let a login wait for a thread."""
        loser = self._line.join(one)
        if loser is not None:
            loser.no_room()
        self._serve()

    def _serve(self) -> None:
        """Give free threads to those whose turn it is."""
        while self._free and (one := self._line.serve()) is not None:
            trial = None if one.is_known() or self._must_wait(one) else one.trial()
            if trial is not None:
                self._free -= 1
                self._run(trial, lambda good, one=one: self._tried(one, good))
                continue
            self._line.served(one)
            if one.is_known():
                one.found(True)
            elif self._must_wait(one):
                self.submit(one)
            else:
                one.found(False)

    def _must_wait(self, one: Attempt) -> bool:
        """Whether its address has failed since it joined the line: on another connection, perhaps."""
        return any(self._throttle.wait(one.place, self._clock.seconds()))

    def _tried(self, one: Attempt, good: bool) -> None:
        """A trial is over: who waited with the same words need not have them tried again."""
        self._free += 1
        self._line.served(one)
        if not good:
            self._throttle.failed(one.place, one.user, self._clock.seconds())
        one.found(good)
        for other in self._alike(one):
            if good or other.place == one.place:
                self.leave(other)
                other.found(good)
        self._serve()

    def _alike(self, one: Attempt) -> Iterable[Attempt]:
        return [other for other in (*self._line, *self._delayed) if other.digest == one.digest]
