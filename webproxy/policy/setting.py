"""Settings that a policy declares, and the words they are written in.

Rule of this file: text -> value. A parser raises TextError, without knowing where its text came from; whoever holds the
address (an option, a key of a file) adds it. A plain ValueError will do too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class TextError(ValueError):
    """A text that does not say a value of its kind.

    :param what: what is wrong with it, the text included.
    :param right: what would be right.
    """

    def __init__(self, what: str, right: str = "") -> None:
        super().__init__(what, right)
        self.what = what
        self.right = right

    def __str__(self) -> str:
        return f"{self.what}; {self.right}" if self.right else self.what


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of a policy, ``key=value`` in ``--policy name:key=value``.

    :param name: the key: lower-case letters and digits, words joined by ``-``. The policy's class gets the value as a
        keyword argument of that name, with ``_`` for ``-``.
    :param parse: text -> value; raises :class:`TextError` or another ValueError.
    :param default: what is read when nobody says anything, as it would be written; ``None`` when somebody must.
    :param help: what it does: a sentence without the default.
    :raises ValueError: not a key.
    """

    name: str
    parse: Callable[[str], Any]
    default: str | None
    help: str

    def __post_init__(self) -> None:
        if not re.fullmatch(KEY, self.name):
            raise ValueError(f"{self.name!r} is no name for a setting; write words in lower case, joined by -")

    @property
    def keyword(self) -> str:
        """The name of the argument that carries the value."""
        return self.name.replace("-", "_")


KEY = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
"""What keys look like."""

#: Seconds in each unit that may be written.
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

#: Longest duration in seconds that is taken for meant: a week.
LONGEST = 168 * 3600.0

_DURATION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h)?")


def duration(text: str) -> float:
    """Read a duration that has an end: ``500ms``, ``60s``, ``10m``, ``1h``.

    A bare number is refused, because half of the world's settings count seconds and the other half milliseconds; only
    zero needs no unit.

    :returns: seconds, 0 to a week.
    :raises TextError: not a duration, or one nobody means.
    """
    written = _DURATION.fullmatch(text)
    if not written:
        raise TextError(f"{text!r} is not a duration", "write a number with its unit, as in 500ms, 60s, 10m or 1h")
    number, unit = written.groups()
    if unit is None and float(number) > 0:
        raise TextError(f"{text!r} has no unit", f"{text}s are seconds, {text}ms milliseconds")
    seconds = float(number) * UNITS[unit or "s"]
    if seconds > LONGEST:
        raise TextError(f"{text!r} is longer than a week", "give at most 168h")
    return seconds


def limit(text: str) -> float:
    """Read a duration, or ``none`` for no limit.

    :returns: seconds, ``math.inf`` for ``none``.
    :raises TextError: neither of them.
    """
    if text == "none":
        return math.inf
    try:
        return duration(text)
    except TextError as error:
        raise TextError(error.what, f"{error.right}, or none for no limit") from None


def idle_limit(text: str) -> float:
    """Read the limit of something that may be silent, which is above 0: it would end everything at once.

    :returns: seconds, ``math.inf`` for ``none``.
    :raises TextError: not a limit, or 0.
    """
    seconds = limit(text)
    if not seconds:
        raise TextError(f"{text} would end every exchange at once", "give a duration, or none for no limit")
    return seconds


def whole_number(least: int = 0, most: int = 1_000_000_000) -> Callable[[str], int]:
    """Make a parser of whole numbers from ``least`` to ``most``."""

    def parse(text: str) -> int:
        """Read a whole number.

        :raises TextError: not one, or out of range.
        """
        right = f"give a whole number from {least} to {most}"
        if not re.fullmatch(r"[0-9]{1,10}", text):
            raise TextError(f"{text!r} is not a whole number", right)
        if not least <= int(text) <= most:
            raise TextError(f"{text} is out of range", right)
        return int(text)

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """Make a parser of one of ``words``."""

    def parse(text: str) -> str:
        """Read one of the words.

        :raises TextError: none of them.
        """
        if text not in words:
            raise TextError(f"{text!r} is not known", "it is " + " or ".join(words))
        return text

    return parse


def listed(text: str) -> tuple[str, ...]:
    """Read a list, its members separated by commas; empty ones are dropped."""
    return tuple(member for part in text.split(",") if (member := part.strip()))


def written(seconds: float) -> str:
    """Write a duration the way it is read, in the largest unit that fits: ``60s``, ``10m``, ``none``."""
    if seconds == math.inf:
        return "none"
    for unit, size in (("h", 3600), ("m", 60), ("s", 1)):
        if seconds > size and not seconds % size:
            return f"{seconds // size:.0f}{unit}"
    return f"{seconds:g}s"
