"""How often somebody may do something: a bucket each, that fills steadily and holds so much.

Rule of this file: in memory, bounded, no I/O; the clock comes in. Whoever has done nothing for long enough is not
remembered, and when too many are, those who were seen least recently are forgotten.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Rates:
    """Buckets, by whose they are.

    :param clock: seconds that nobody sets.
    :param rate: how many a second.
    :param burst: how many at once, after a rest.
    :param most: how many buckets are kept.
    """

    def __init__(self, clock: Callable[[], float], *, rate: float, burst: int, most: int = 10000) -> None:
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._most = most
        self._spent: OrderedDict[str | bytes, tuple[float, float]] = OrderedDict()

    def __repr__(self) -> str:
        return f"<Rates {self._burst} at once, then {self._rate:g}/s; {len(self._spent)} kept>"

    def wait(self, whose: str | bytes) -> int:
        """Take one; 0 when there was one, else the seconds until there is."""
        now = self._clock()
        spent, since = self._spent.pop(whose, (0.0, now))
        spent = max(0.0, spent - (now - since) * self._rate)
        late = spent + 1 - self._burst
        self._spent[whose] = (spent if late > 0 else spent + 1, now)
        if len(self._spent) > self._most:
            self._spent.popitem(last=False)
        return math.ceil(late / self._rate) if late > 0 else 0
