"""Token buckets: one for each user or address, in bounded memory.

Rule of this file: pure, told the time. A bucket is one number, the moment at which it will be full again (the "virtual
scheduling" of ITU-T I.371, known as GCRA): no tokens to count, nothing to refill, and who is not known has a full one.
"""

from __future__ import annotations

MOST = 32768
"""How many buckets are remembered: 6 MiB. Beyond, those are forgotten first from which nothing has come for longest."""

_ROUNDING = 1e-6


class Buckets:
    """Buckets of one size, by name.

    What is remembered stands in two halves. When the younger one is full, it becomes the older one, and what was the
    older one is forgotten: that takes no order to be kept, and a bucket in use moves to the younger half by itself.

    :param count: how many tokens a bucket holds.
    :param window: how many seconds it takes to fill an empty one.
    :param most: how many buckets are remembered.
    """

    __slots__ = ("_half", "_older", "_step", "_window", "_younger")

    def __init__(self, count: int, window: float, most: int = MOST) -> None:
        self._step = window / count
        self._window = window + _ROUNDING
        self._half = most // 2
        self._younger: dict[str, float] = {}
        self._older: dict[str, float] = {}

    def __repr__(self) -> str:
        return f"<Buckets {len(self)} remembered>"

    def __len__(self) -> int:
        """Tell how many are remembered; one that is in both halves counts twice."""
        return len(self._younger) + len(self._older)

    def take(self, name: str, now: float) -> float:
        """Take a token out of a bucket.

        :param now: seconds of a clock that never goes back.
        :returns: 0, or in how many seconds there will be one; none is taken then.
        """
        younger = self._younger
        full = younger.get(name)
        if full is None:
            full = self._older.get(name, now)
            if len(younger) >= self._half:
                self._older, self._younger = younger, {}
                younger = self._younger
        full = max(full, now)
        missing = full + self._step - now
        if missing > self._window:
            younger[name] = full
            return missing - self._window
        younger[name] = full + self._step
        return 0.0
