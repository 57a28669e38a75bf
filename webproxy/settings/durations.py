"""Durations, as ``500ms``, ``60s``, ``10m``, ``1h`` or ``none``.

Rule of this file: text -> seconds. A bare number is refused, because half of the world's settings count seconds and
the other half milliseconds; only zero needs no unit.
"""

from __future__ import annotations

import math
import re

from webproxy.settings.wrong import TextError

#: Seconds in each unit that may be written.
UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}

#: Longest duration in seconds that is taken for meant: a week. Timers of some reactors overflow after 24 days.
LONGEST = 168 * 3600.0

#: How a sentence tells what may be written.
GRAMMAR = "write a number with its unit, as in 500ms, 60s, 10m or 1h"

_WRITTEN = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)(ms|s|m|h)?")


def duration(text: str) -> float:
    """Read a duration that has an end.

    :returns: seconds, 0 to ``LONGEST``.
    :raises TextError: not a duration, or one nobody means.
    """
    written = _WRITTEN.fullmatch(text)
    if not written:
        raise TextError(f"{text!r} is not a duration", GRAMMAR)
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
    except TextError as wrong:
        raise TextError(wrong.what, f"{wrong.right}, or none for no limit") from None
