"""How long the reactor's thread stands still, and how much of that other programs on the machine are to blame for.

Linux tells how long a thread has run and how long it has waited for a processor (``schedstat``), so that a test can
hold us to what is ours on a machine that does much else besides.
"""

from __future__ import annotations

import os
from time import monotonic
from typing import Any, NamedTuple

from twisted.internet.task import LoopingCall

EVERY = 0.002
"""Seconds between two looks."""


class Stall(NamedTuple):
    """The time between two looks, in seconds.

    :ivar lasted: all of it.
    :ivar ours: of that, in which a processor was not kept from us: we ran, slept, or waited for another of our threads.
    :ivar ran: of that, in which the reactor's thread did something.
    """

    lasted: float
    ours: float
    ran: float


class Stalls:
    """Looks at the clock again and again, from the reactor's thread."""

    def __init__(self, reactor: Any) -> None:
        self._seen: list[Stall] = []
        self._looking = LoopingCall(self._look)
        self._looking.clock = reactor
        self._account = os.open("/proc/thread-self/schedstat", os.O_RDONLY)
        self._last = self._now()

    def __str__(self) -> str:
        lasted, ours, ran = (f"{seconds * 1e3:.1f} ms" for seconds in self.longest)
        return f"longest stall {lasted}, {ours} when a processor was there, {ran} of the reactor's own work"

    @property
    def longest(self) -> Stall:
        """The longest of each kind."""
        lasted, ours, ran = zip(*self._seen, strict=True)
        return Stall(max(lasted), max(ours), max(ran))

    def start(self) -> None:
        """Look from now on."""
        self._last = self._now()
        self._looking.start(EVERY)

    def stop(self) -> None:
        """Look no more."""
        self._looking.stop()
        os.close(self._account)

    def _now(self) -> tuple[float, float, float]:
        ran, waited, _ = os.pread(self._account, 100, 0).split()
        return monotonic(), int(waited) * 1e-9, int(ran) * 1e-9

    def _look(self) -> None:
        now = self._now()
        lasted, waited, ran = (new - old for new, old in zip(now, self._last, strict=True))
        self._seen.append(Stall(lasted - EVERY, lasted - EVERY - waited, ran))
        self._last = now
