"""How late the event loop is: whatever holds the reactor up holds every exchange up.

Rule of this file: a look every second, from which the delay is read; it says what was, and mends nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall, IReactorTime

EVERY = 1.0
REMEMBERED = 60


class Lag:
    """Measures how much later than asked for the reactor calls.

    :param clock: the reactor.
    :ivar last: seconds, at the last look.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._due = 0.0
        self._call: IDelayedCall | None = None
        self._seen: deque[float] = deque(maxlen=REMEMBERED)
        self.last = 0.0

    def __repr__(self) -> str:
        return f"<Lag {self.last * 1000:.1f} ms>"

    @property
    def worst(self) -> float:
        """The longest of the last minute, in seconds."""
        return max(self._seen, default=0.0)

    def start(self) -> None:
        """Look from now on."""
        self._due = self._clock.seconds() + EVERY
        self._call = self._clock.callLater(EVERY, self._look)

    def stop(self) -> None:
        """Look no more."""
        if self._call is not None and self._call.active():
            self._call.cancel()

    def _look(self) -> None:
        self.last = max(0.0, self._clock.seconds() - self._due)
        self._seen.append(self.last)
        self.start()
