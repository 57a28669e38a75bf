"""Nonces: what a machine signs to show that it has its key, so that what was overheard is worth nothing.

Rule of this file: in memory, bounded, no I/O; the clock comes in. Each is good once, and not for long.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BYTES = 24
CHALLENGE, NEXT = 30.0, 180.0
"""Seconds for which one is good: who asks for it uses it at once; who got it with a reply, at the next renewal."""


class Nonces:
    """Those that were given and not used yet.

    :param clock: seconds that nobody sets.
    :param most: in all.
    :param each: for one owner; its oldest goes when there are more.
    """

    def __init__(self, clock: Callable[[], float], *, most: int = 20000, each: int = 64) -> None:
        self._clock = clock
        self._most = most
        self._each = each
        self._given: dict[str, OrderedDict[str, float]] = {}
        self._count = 0

    def __repr__(self) -> str:
        return f"<Nonces {self._count} of {len(self._given)}>"

    def __len__(self) -> int:
        """How many are out."""
        return self._count

    def give(self, owner: str, seconds: float) -> str | None:
        """Make one.

        :param owner: who alone may use it.
        :param seconds: for how long.
        :returns: characters of base64url; ``None`` when there are too many.
        """
        if self._count >= self._most:
            self._forget_old()
            if self._count >= self._most:
                return None
        its = self._given.setdefault(owner, OrderedDict())
        if len(its) >= self._each:
            its.popitem(last=False)
            self._count -= 1
        nonce = secrets.token_urlsafe(BYTES)
        its[nonce] = self._clock() + seconds
        self._count += 1
        return nonce

    def take(self, owner: str, nonce: str) -> bool:
        """Use one up; whether it was good."""
        its = self._given.get(owner, OrderedDict())
        until = its.pop(nonce, None)
        if until is None:
            return False
        self._count -= 1
        if not its:
            del self._given[owner]
        return self._clock() < until

    def _forget_old(self) -> None:
        now = self._clock()
        for owner, its in list(self._given.items()):
            kept = OrderedDict((nonce, until) for nonce, until in its.items() if now < until)
            self._count -= len(its) - len(kept)
            if kept:
                self._given[owner] = kept
            else:
                del self._given[owner]
