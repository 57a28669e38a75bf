"""When an API key expires: ``--expires 90d``, ``--expires 2027-01-31``, ``never``.

Rule of this file: text -> seconds since the epoch. Days and dates are those of UTC: a machine may move, a key does not.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from math import inf

from webproxy.settings.wrong import TextError

_SPAN = re.compile(r"([0-9]{1,6})\s*(h|d|w)")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?")
_GRAMMAR = "write 12h, 90d or 8w from now on, a date such as 2027-01-31, or never"


def expiry(text: str, now: float) -> float:
    """Read when a key expires.

    :param now: seconds since the epoch.
    :returns: seconds since the epoch, whole ones; ``math.inf`` for never.
    :raises TextError: no time, or one that has passed.
    """
    if text == "never":
        return inf
    if span := _SPAN.fullmatch(text):
        when = int(now) + timedelta(hours=int(span[1]) * _HOURS[span[2]]).total_seconds()
    else:
        when = _date(text)
    if when <= now:
        raise TextError(f"{text!r} has passed", _GRAMMAR)
    if when >= datetime(9999, 1, 1, tzinfo=timezone.utc).timestamp():
        raise TextError(f"{text!r} is too far away", "write never")
    return when


def _date(text: str) -> float:
    """Read a day, as its beginning, or a second."""
    if _DATE.fullmatch(text):
        with suppress(ValueError):  # February 30th
            return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=timezone.utc).timestamp()
    raise TextError(f"{text!r} is not a time", _GRAMMAR)
