"""What may be written: ``600/m``, and which requests have a rate of their own.

Rule of this file: text -> values; what is wrong is said together with what would be right.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from webproxy.policy import PatternTable, TextError

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = UNITS["d"]

_RATE = re.compile(r"([0-9]{1,9})/([0-9]{0,6})([smhd])")
_CLASS = re.compile(r"[A-Z][A-Z0-9_-]{0,31}")
_COMMA = re.compile(r",(?![^{}]*\})")  # one that is not in braces
_PATH = re.compile(r"[!-~]+")
_RIGHT = "write a number and a time, as in 10/s, 600/m, 1000/h or 20/30s"


class Rate(NamedTuple):
    """So many requests in a time.

    :ivar requests: how many; as many may come at once.
    :ivar seconds: in how many seconds as many are allowed again.
    """

    requests: int
    seconds: int

    def __str__(self) -> str:
        """Say it in a sentence."""
        return f"{self.requests} request{'s' if self.requests > 1 else ''} in {self.seconds} s"


class Limit(NamedTuple):
    """A rate for some requests.

    :ivar which: a traffic class, in capitals, or a pattern of paths.
    :ivar rate: their rate.
    """

    which: str
    rate: Rate

    @property
    def of_class(self) -> bool:
        """Whether it is for a traffic class."""
        return bool(_CLASS.fullmatch(self.which))


def rate(text: str) -> Rate:
    """Read a rate.

    :raises TextError: not a rate, or none that allows anything.
    """
    written = _RATE.fullmatch(text)
    if not written:
        raise TextError(f"{text!r} is not a rate", _RIGHT)
    found = Rate(int(written[1]), int(written[2] or 1) * UNITS[written[3]])
    if not all(found):
        raise TextError(f"{text} allows nothing", _RIGHT)
    if found.seconds > LONGEST:
        raise TextError(f"{text} looks back more than a day", _RIGHT)
    return found


def rate_or_none(text: str) -> Rate | None:
    """Read a rate, or ``none``.

    :raises TextError: neither of them.
    """
    return None if text == "none" else rate(text)


def limits(text: str) -> tuple[Limit, ...]:
    """Read ``LONG:10/m,/api/pull:2/h``.

    :raises TextError: it is no list of classes and paths with rates.
    """
    found = tuple(_limit(member) for part in _COMMA.split(text) if (member := part.strip()))
    names = [limit.which for limit in found]
    for name in names:
        if names.count(name) > 1:
            raise TextError(f"{name} is given twice", "give each class and each path once")
    paths_of(found)
    return found


def paths_of(given: tuple[Limit, ...]) -> PatternTable[str]:
    """Make the table of those limits that are for paths; case does not count, as it does not to some servers.

    :raises TextError: two patterns are the same path, or one is no pattern.
    """
    try:
        return PatternTable(
            [("*", limit.which, limit.which) for limit in given if not limit.of_class], ignore_case=True
        )
    except ValueError as error:
        raise TextError(str(error), "write paths as in /v1/** or /api/{pull,push}, each once") from None


def _limit(text: str) -> Limit:
    which, _, written = text.rpartition(":")
    if not which or not _PATH.fullmatch(which):
        raise TextError(
            f"{text!r} names no requests", "write a class or a path and a rate, as in LONG:9/m or /v1/**:5/s"
        )
    return Limit(which, rate(written))
