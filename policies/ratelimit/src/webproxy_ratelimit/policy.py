"""The policy: which rate a request has, whose bucket it takes from, and what is said when that is empty.

Rule of this file: each request has one rate: that of its path, else that of its class, else the rate of all others.
"""

from __future__ import annotations

import math
from functools import lru_cache
from time import monotonic
from typing import TYPE_CHECKING, cast

from webproxy.policy import Changes, Metric, Policy, Setting, one_of, read_path, reject
from webproxy_ratelimit.buckets import Buckets
from webproxy_ratelimit.settings import Limit, Rate, limits, paths_of, rate_or_none

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.policy import RequestHead, TrafficClass, Verdict

OTHERS = "default"
"""What the rate of all other requests is called in the fields."""

REMEMBERED = 256
"""Longest path, in bytes, for which is remembered what stands in the table."""


class Counted:
    """Requests that have a rate in common.

    :param name: what the fields call it.
    :param rate: their rate.
    :ivar key: both.
    :ivar buckets: one for each user or address.
    """

    def __init__(self, name: str, rate: Rate) -> None:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"')  # RFC 9651 §3.3.3
        self._name, self._rate = f'"{escaped}"', rate
        self.key = (name, rate)
        self.buckets = Buckets(*rate)
        self.refused = lru_cache(maxsize=256)(self._refused)

    def _refused(self, seconds: int) -> Verdict:
        """Tell when to come back (RFC 6585 §4, draft-ietf-httpapi-ratelimit-headers-11 §3 and §4)."""
        fields = [
            ("RateLimit-Policy", f"{self._name};q={self._rate.requests};w={self._rate.seconds}"),
            ("RateLimit", f"{self._name};r=0;t={seconds}"),
        ]
        reason = f"More than {self._rate} are not answered; try again in {seconds} s."
        return reject(429, reason, seconds, client=Changes(fields))


class RateLimit(Policy):
    """Answers so many requests in a time from one user or address, and tells the others when to come back.

    :param rate: of requests that ``limits`` does not name; ``None`` does not count them.
    :param limits: rates of certain classes and paths.
    :param by: whom to count: ``user``, which is the address of whom nobody knows, or ``address``.
    :param clock: tells seconds.
    """

    settings = (
        Setting("rate", rate_or_none, "600/m", "Most requests of one user or address; none for no limit."),
        Setting("limits", limits, "", "Rates of their own: LONG:10/m,/api/pull:2/h."),
        Setting("by", one_of("user", "address"), "user", "Whom to count: users (whom nobody knows by address)."),
    )

    def __init__(
        self,
        *,
        rate: Rate | None,
        limits: tuple[Limit, ...] = (),
        by: str = "user",
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._by_user = by == "user"
        self._clock = clock
        self._others = None if rate is None else Counted(OTHERS, rate)
        counted = {limit.which: Counted(limit.which, limit.rate) for limit in limits}
        self._classes = {limit.which: counted[limit.which] for limit in limits if limit.of_class}
        self._paths = {limit.which: counted[limit.which] for limit in limits if not limit.of_class}
        self._table = paths_of(limits)
        self._found = lru_cache(maxsize=2048)(self._find)  # 0.1 us instead of 5 for a path that comes again
        self._all = [*counted.values(), *([self._others] if self._others else [])]
        self._turned_away = 0

    def __repr__(self) -> str:
        return f"<RateLimit {len(self._all)} rates, {self._turned_away} turned away>"

    def request_classified(self, request: RequestHead, current: TrafficClass) -> Verdict | None:
        """Take a token out of the bucket that is this request's."""
        counted = self._of_path(request) if self._paths else None
        if counted is None:
            counted = self._classes.get(current.name, self._others)
            if counted is None:
                return None
        principal = request.principal if self._by_user else request.neighbourhood
        wait = counted.buckets.take(principal, self._clock())
        if not wait:
            return None
        self._turned_away += 1
        return counted.refused(math.ceil(wait))

    def replaces(self, before: Policy) -> None:
        """Keep the buckets of rates that stay as they are."""
        other = cast("RateLimit", before)
        earlier = {counted.key: counted.buckets for counted in other._all}  # noqa: SLF001 - it is one of us
        for counted in self._all:
            counted.buckets = earlier.get(counted.key, counted.buckets)
        self._turned_away = other._turned_away  # noqa: SLF001 - as above

    def metrics(self) -> tuple[Metric, ...]:
        """Give how many were turned away, and what is remembered."""
        return (
            Metric("turned_away", "counter", "Requests beyond their rate.", lambda: self._turned_away),
            Metric("remembered", "gauge", "Buckets of users and addresses that are remembered.", self._remembered),
        )

    def _remembered(self) -> int:
        return sum(len(counted.buckets) for counted in self._all)

    def _of_path(self, request: RequestHead) -> Counted | None:
        raw = request.raw_path
        return self._found(raw) if len(raw) <= REMEMBERED else self._find(raw)

    def _find(self, raw_path: bytes) -> Counted | None:
        which = self._table.find("*", read_path(raw_path).text)
        return None if which is None else self._paths[which]
