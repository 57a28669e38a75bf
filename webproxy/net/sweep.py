"""Idle deadlines, kept by one coarse sweep over everything that has one.

Traffic moves a deadline by storing a number, never by touching a timer: an item carries its own ``due`` and the sweep
looks at all of them a few times a second. Coarse means late by up to two ticks, never early.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from twisted.logger import Logger

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

log = Logger()


class Watched(Protocol):
    """Something with an idle deadline.

    :ivar due: when it expires, on the sweep's clock; ``math.inf`` for never. Its owner moves it at will.
    """

    due: float

    def expired(self, now: float) -> None:
        """Take note that ``due`` has passed. Called once; ``due`` is ``math.inf`` by then and may be set anew."""


class IdleSweep:
    """Expires the items whose deadline has passed; ticks only while there are any.

    :param clock: tells the time and calls later.
    :param tick: seconds between two looks.
    :ivar now: the time at the last look, in seconds of ``clock``: cheap enough to read for every chunk.
    """

    def __init__(self, clock: IReactorTime, tick: float = 0.25) -> None:
        self.now: float = clock.seconds()
        self._clock = clock
        self._tick = tick
        self._items: set[Watched] = set()
        self._next: IDelayedCall | None = None

    def __repr__(self) -> str:
        return f"<IdleSweep of {len(self._items)} at {self.now:.2f}>"

    def add(self, item: Watched) -> None:
        """Watch ``item`` until it is discarded."""
        self._items.add(item)
        if self._next is None:
            self.now = self._clock.seconds()
            self._next = self._clock.callLater(self._tick, self._look)

    def discard(self, item: Watched) -> None:
        """Watch ``item`` no longer; one that was never added does no harm."""
        self._items.discard(item)

    def _look(self) -> None:
        now = self._clock.seconds()
        late = now - self.now > 2 * self._tick
        self.now = now
        self._next = None
        if late:
            # The process stood still. What arrived meanwhile waits in the sockets: let it be read before judging.
            self._next = self._clock.callLater(0, self._look)
            return
        # `due` was reckoned from a `now` up to one tick old: waiting one more keeps it from being early.
        passed = now - self._tick
        for item in [item for item in self._items if item.due <= passed]:
            self._expire(item, now)
        if self._items:
            self._next = self._clock.callLater(self._tick, self._look)

    def _expire(self, item: Watched, now: float) -> None:
        if item not in self._items:  # an earlier one in this round took it along
            return
        item.due = math.inf
        try:
            item.expired(now)
        except Exception:
            log.failure("{item} failed to expire", item=item, kind="expiry-failed")
