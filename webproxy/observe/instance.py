"""One running webproxy, as it may be looked at from outside.

Rule of this file: gathers what the metrics, the JSON API and the live page show, and does the one thing that they may
do: close an exchange. Nothing here is on the way of a request.
"""

from __future__ import annotations

from time import monotonic, time
from typing import TYPE_CHECKING, Any, Protocol

from webproxy.errors import UpstreamError
from webproxy.observe import running
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from webproxy.downstream.site import Site
    from webproxy.observe.lag import Lag
    from webproxy.observe.running import Running
    from webproxy.observe.watch import Watch
    from webproxy.policy.chain import Chain
    from webproxy.registration.registration import Registration
    from webproxy.upstream.pool import Pool

SHOWN = 200
"""Rows of the live page; what runs beyond them is counted only."""

PROBE = 2.0
"""Seconds that the internal service may take to accept a connection when somebody asks whether all is ready."""


class Parts(Protocol):
    """What an instance is made of; a reload may replace pool and chain."""

    site: Site
    pool: Pool
    chain: Chain
    watch: Watch
    lag: Lag
    registration: Registration | None


class Instance:
    """What is to be seen.

    :ivar watch: what has been counted.
    :ivar lag: how late the event loop is.
    :ivar started: when it began to serve, in seconds since the epoch.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.watch = parts.watch
        self.lag = parts.lag
        self.started = time()

    @property
    def site(self) -> Site:
        """Its clients."""
        return self.parts.site

    @property
    def pool(self) -> Pool:
        """Its connections to the internal service."""
        return self.parts.pool

    @property
    def chain(self) -> Chain:
        """Its policies."""
        return self.parts.chain

    def __repr__(self) -> str:
        return f"<Instance {self.site!r} {self.pool!r}>"

    async def ready(self) -> str:
        """Ask whether a request would get through; empty when it would, otherwise why not, in a sentence."""
        if self.site.draining:
            return "webproxy drains: it takes no new connections"
        try:
            connection = await self.pool.connect(PROBE)
        except UpstreamError as error:
            return error.detail
        connection.close()
        return ""

    def running(self) -> list[Running]:
        """Look at what runs."""
        return list(running.running(self.site.channels, monotonic()))

    def close(self, identity: str) -> bool:
        """Close the exchange with this id; whether there was one."""
        return running.close(self.site.channels, identity)

    def now(self) -> dict[str, Any]:
        """Give what the live page shows, ready for JSON; the longest-running first."""
        rows = sorted(self.running(), key=lambda row: -row.age)
        return {
            "version": version(),
            "port": self.site.port,
            "internal": self.pool.address,
            "up": self.pool.down_since is None,
            "public": self._public(),
            "started": self.started,
            "time": time(),
            "connections": len(self.site.channels),
            "running": len(rows),
            "lag": self.lag.last,
            "classes": self._classes(rows),
            "exchanges": [row._asdict() for row in rows[:SHOWN]],
            "failures": [row._asdict() for row in self.watch.failures.last()],
        }

    def _public(self) -> dict[str, str] | None:
        """Give how the public address is; None where no router was asked for one."""
        registration = self.parts.registration
        return registration.now() if registration is not None else None

    def _classes(self, rows: Iterable[Running]) -> dict[str, dict[str, int]]:
        """Add up each class: what is over, and what runs."""
        classes: dict[str, dict[str, int]] = {}

        def total(name: str) -> dict[str, int]:
            return classes.setdefault(name.rpartition(">")[2], {"ended": 0, "running": 0, "sent": 0, "received": 0})

        for (name, _status), cell in self.watch.tally.cells.items():
            one = total(name)
            one["ended"] += cell.count
            one["sent"] += cell.sent
            one["received"] += cell.received
        for row in rows:
            one = total(row.traffic_class)
            one["running"] += 1
            one["sent"] += row.sent
            one["received"] += row.received
        return classes
