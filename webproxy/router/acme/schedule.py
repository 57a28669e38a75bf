"""When the authority is asked: from values to values.

Rule of this file: no clock, no I/O, no chance; all times are seconds since the epoch. RFC 8555 §6.6 (Retry-After),
RFC 9773 §4 (renewal information).
"""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from webproxy.router.acme.status import LATE

STEPS = (60.0, 600.0, 6000.0)
"""Seconds after the first, second and third failure in a row."""
DAILY = 86400.0
SHORTEST, LONGEST = 60.0, 7 * 86400.0
"""Bounds of a Retry-After: no authority makes us ask more often, or forget it."""
INFORMED = (60.0, 6 * 3600.0, 86400.0)
"""Seconds until renewal information is asked for again: at least, when nothing is said, at most (RFC 9773 §4.3)."""
REST = 3600.0
"""Seconds without an order after one that gave a certificate, whatever the clock or the authority says then."""
SHARE = 1 / 3
"""The share of the lifetime that is left when a certificate is renewed, if the authority says nothing."""


class Window(NamedTuple):
    """When the authority wants a certificate to be renewed (RFC 9773 §4.2).

    :ivar start: from when.
    :ivar end: until when.
    """

    start: float
    end: float


def pause(failures: int, retry_after: float | None) -> float:
    """Give the seconds until the next attempt.

    :param failures: how many have failed in a row, this one included.
    :param retry_after: what the authority said.
    """
    if retry_after is not None:
        return min(max(retry_after, SHORTEST), LONGEST)
    return STEPS[failures - 1] if failures <= len(STEPS) else DAILY


def renewal(span: tuple[float, float], chosen: float | None) -> float:
    """Tell when a certificate is to be renewed.

    :param span: from when until when it is good.
    :param chosen: the moment in the authority's window; ``None`` when it has not named one.
    :returns: at the latest when it would raise an alarm.
    """
    begins, ends = span
    lifetime = ends - begins
    if chosen is None:
        return ends - lifetime * SHARE
    return min(chosen, ends - lifetime * LATE)


def rest(span: tuple[float, float]) -> float:
    """Give the seconds for which a new certificate is not replaced; fewer for those that do not live for long."""
    return min(REST, (span[1] - span[0]) * LATE)


def choose(window: Window, fraction: float) -> float:
    """Choose a moment in a window (RFC 9773 §4.2: a uniform random one).

    :param fraction: from 0 to 1.
    """
    return window.start + (window.end - window.start) * fraction


def informed(now: float, retry_after: float | None) -> float:
    """Tell when to ask for renewal information again (RFC 9773 §4.3)."""
    shortest, usual, longest = INFORMED
    return now + (usual if retry_after is None else min(max(retry_after, shortest), longest))


def polled(tries: int, retry_after: float | None) -> float:
    """Give the seconds until something that is under way is looked at again (RFC 8555 §7.5.1).

    :param tries: how often it has been looked at.
    """
    own = min(0.25 * 2.0**tries, 10.0)
    return own if retry_after is None else min(max(retry_after, own), 60.0)


def due(
    now: float,
    *,
    renew_at: float | None,
    begun: bool,
    forced: bool,
    next_try: float | None,
    hold: float | None,
) -> float:
    """Tell when an order is to be made.

    :param renew_at: when what there is is to be renewed; ``None``: there is nothing.
    :param begun: whether an order was begun and not ended.
    :param forced: whether somebody wants one now.
    :param next_try: when the back-off ends; ``None`` when there is none.
    :param hold: until when the authority wants to be left alone.
    """
    wanted = now if forced or begun or renew_at is None else renew_at
    if next_try is not None and not forced and believable(now, next_try):
        wanted = max(wanted, next_try)
    return max(wanted, hold) if hold is not None and believable(now, hold) else wanted


def believable(now: float, when: float) -> bool:
    """Tell whether a moment that was written down may be waited for; or the clock was wrong then, and is right now."""
    return when - now <= LONGEST


def dated(when: float) -> str:
    """Write a moment for people."""
    return dt.datetime.fromtimestamp(when, dt.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
