"""When the router is spoken to next.

Rule of this file: pure; what came of the last word, and chance, in; seconds out. Many machines share a router, and it
must not meet all of them at once when it comes back: every pause is jittered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from webproxy.registration.words import Lease, Reply

FIRST, LONGEST = 1.0, 60.0
"""Seconds between attempts while the router is away: doubled from one to the other."""

REFUSED = 240.0
"""Seconds after a refusal that only a person can lift."""

LONGEST_TOLD = 600.0
"""Most seconds that the router can make us wait."""


class Chance(Protocol):
    """Whoever rolls the dice: ``random.SystemRandom``, or a test."""

    def uniform(self, a: float, b: float, /) -> float:
        """Give a number between two."""


def until_renewal(lease: Lease, chance: Chance) -> float:
    """How long a lease that was just promised may be left alone."""
    return lease.renew * chance.uniform(0.9, 1.0)


def after_failures(count: int, chance: Chance) -> float:
    """How long to wait when nobody answered.

    :param count: how often in a row, at least 1.
    """
    return min(FIRST * 2.0 ** min(count - 1, 16), LONGEST) * chance.uniform(0.5, 1.0)


def after_refusal(reply: Reply, count: int, chance: Chance) -> float:
    """How long to wait after a refusal: as long as it says, or until somebody may have lifted it.

    :param count: how many attempts in a row came to nothing.
    """
    if reply.retry_after:
        return min(reply.retry_after, LONGEST_TOLD) + chance.uniform(0.0, 1.0)
    if reply.status >= 500 or reply.status in {408, 428, 429} or reply.word in {"port", "lease"}:
        return after_failures(count, chance)
    return REFUSED * chance.uniform(0.5, 1.0)
