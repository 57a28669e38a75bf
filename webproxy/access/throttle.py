"""What guessing costs: failed logins delay the next one from their address, and then lock the address, growing.

Rule of this file: pure, told the time. An address may be locked, for the one who guesses there owns it; a user never,
or any stranger could shut the owner out. What is remembered is bounded: beyond, the oldest failure is forgotten first.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

_Key = TypeVar("_Key", str, bytes)

DELAYS = (0.0, 0.25, 0.5, 1.0, 2.0)
"""Seconds between the last failure of an address and its next attempt, by the number of its failures."""

FIRST_LOCK = 15.0
"""Seconds for which an address is locked by the first failure beyond :data:`DELAYS`; each further one doubles it."""

LONGEST_LOCK = 3600.0
FORGOTTEN = 2 * LONGEST_LOCK
"""Seconds after which an address without another failure is as good as new."""

PATIENT_FAILURES = 5
"""Failures that a user may have, from wherever, before attempts at it are delayed."""

USER_DELAY = 0.3
"""Seconds by which an attempt at such a user is delayed: the owner's first login from a new address waits as well."""

USER_FORGOTTEN = 600.0
"""Seconds after which a user without another failure is as good as new."""

MOST = 16384
"""Addresses, and users, that are remembered: 3 MiB."""


class Trail(NamedTuple):
    """What an address or a user has left behind.

    :ivar failures: how many logins failed.
    :ivar last: when the last one did, in seconds of the caller's clock.
    """

    failures: int
    last: float


class Wait(NamedTuple):
    """How long an address must wait; at most one of the two is not 0.

    :ivar delay: seconds until its next attempt may be looked at; it is kept waiting.
    :ivar locked: seconds for which its attempts are refused without being looked at.
    """

    delay: float
    locked: float


_AT_ONCE = Wait(0.0, 0.0)


class Throttle:
    """Remembers failed logins.

    :param most: how many addresses and how many users are remembered.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._places: dict[str, Trail] = {}
        self._users: dict[bytes, Trail] = {}

    def __repr__(self) -> str:
        return f"<Throttle places={len(self._places)} users={len(self._users)}>"

    def failures(self, place: str, now: float) -> int:
        """Give how often logins from ``place`` have failed lately.

        :param place: what counts as one address: an IPv4 address, a /64 of IPv6.
        :param now: seconds of a clock that never goes back.
        """
        trail = self._places.get(place)
        return 0 if trail is None or now - trail.last >= FORGOTTEN else trail.failures

    def wait(self, place: str, now: float) -> Wait:
        """Give how long ``place`` must wait for its next attempt."""
        failures = self.failures(place, now)
        if not failures:
            return _AT_ONCE
        since = now - self._places[place].last
        if failures < len(DELAYS):
            return Wait(max(DELAYS[failures] - since, 0.0), 0.0)
        doublings = min(failures - len(DELAYS), 16)
        return Wait(0.0, max(min(FIRST_LOCK * 2**doublings, LONGEST_LOCK) - since, 0.0))

    def user_delay(self, user: bytes, now: float) -> float:
        """Give by how many seconds an attempt at ``user`` is delayed, whether or not there is such a user."""
        trail = self._users.get(user)
        if trail is None or trail.failures < PATIENT_FAILURES or now - trail.last >= USER_FORGOTTEN:
            return 0.0
        return USER_DELAY

    def failed(self, place: str, user: bytes, now: float) -> None:
        """Take note of a failed login.

        A successful one takes nothing back: who owns one login would buy guesses at another with it.

        :param user: what stands for the name tried; a digest of bounded length.
        """
        _count(self._places, place, now, FORGOTTEN, self._most)
        _count(self._users, user, now, USER_FORGOTTEN, self._most)


def _count(trails: dict[_Key, Trail], key: _Key, now: float, forgotten: float, most: int) -> None:
    """Add a failure; the dictionary's order is that of the last failures."""
    trail = trails.pop(key, None)
    failures = 1 if trail is None or now - trail.last >= forgotten else trail.failures + 1
    trails[key] = Trail(failures, now)
    if len(trails) > most:
        del trails[next(iter(trails))]
