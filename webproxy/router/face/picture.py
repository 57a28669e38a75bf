"""One running router, as it may be looked at from outside.

Rule of this file: gathers what the metrics, the JSON API and the page show; nothing here is on the way of a connection,
and nothing is changed but what nobody needs any more.
"""

from __future__ import annotations

from dataclasses import asdict
from heapq import nsmallest
from time import time
from typing import TYPE_CHECKING, Any, Protocol

from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.router.acme.status import CertificateStatus
    from webproxy.router.control import Control
    from webproxy.router.face.padlocks import Padlocks
    from webproxy.router.front import Front
    from webproxy.router.rows import Name
    from webproxy.router.settings import RouterSettings

SHOWN = 200
"""Names on the page; those beyond them are counted only, and `GET /api/names` gives them all."""
_PRESSING = {"failed": 0, "expiring": 1, "pending": 2, "renewing": 3, "active": 4}


class Parts(Protocol):
    """What a router is made of."""

    settings: RouterSettings
    front: Front
    control: Control
    padlocks: Padlocks
    port: int

    @property
    def running(self) -> int:
        """Whether it serves."""

    def names(self) -> list[Name]:
        """Give all names."""

    def renew(self, name: str = "") -> None:
        """Get certificates anew; raises LookupError."""


class Picture:
    """What is to be seen.

    :ivar started: when the router began to serve, in seconds since the epoch.
    """

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.started = time()

    def __repr__(self) -> str:
        return f"<Picture of {self.parts!r}>"

    def certificates(self) -> Sequence[CertificateStatus]:
        """Tell how the certificates are."""
        return self.parts.padlocks.all()

    def alarm(self) -> bool:
        """Tell whether somebody should look."""
        return any(one.alarm for one in self.certificates())

    async def ready(self) -> str:
        """Tell whether a client would get a padlock; empty when it would, otherwise why not, in a sentence."""
        if not self.parts.running:
            return "the router drains: it takes no new connections"
        below = f".{self.parts.settings.domain}"
        public = [one for one in self.certificates() if any(name.endswith(below) for name in one.names)]
        good = any(one.state in ("active", "renewing", "expiring") for one in public)
        return "" if good or not public else "no certificate of a public name is good at the moment"

    def names(self) -> list[dict[str, Any]]:
        """Give what is known of every name; those whose padlock is in trouble first, then those in use."""
        now = time()
        return [self._row(name, now) for name in sorted(self.parts.names(), key=self._urgency)]

    def _urgency(self, name: Name) -> tuple[int, int, str]:
        padlock = self.parts.padlocks.of(name.name)
        state = padlock.state if padlock is not None else "pending"
        return _PRESSING[state], -self.parts.front.by_name.get(name.name, 0), name.name

    def now(self) -> dict[str, Any]:
        """Give what the page shows, ready for JSON."""
        names, front, now = self.parts.names(), self.parts.front, time()
        moved = front.traffic.total()
        shown = nsmallest(SHOWN, names, key=self._urgency)
        return {
            "version": version(),
            "domain": self.parts.settings.domain,
            "port": self.parts.port,
            "started": self.started,
            "time": now,
            "alarm": self.alarm(),
            "certificates": [{**asdict(one), "alarm": one.alarm} for one in self.certificates()],
            "names": [self._row(name, now) for name in shown],
            "total": {
                "names": len(names),
                "live": sum(name.live(now) and not name.blocked for name in names),
                "connections": front.connections,
                "handshakes": front.traffic.handshakes,
                "refused": front.traffic.refused.total(),
                "received": moved.received,
                "sent": moved.sent,
            },
            "refused": dict(front.traffic.refused),
        }

    def _row(self, name: Name, now: float) -> dict[str, Any]:
        parts = self.parts
        padlock = parts.padlocks.of(name.name)
        moved = parts.front.traffic.of(name.name)
        return {
            "name": name.name,
            "url": parts.control.url(name.name),
            "tenant": name.tenant,
            "machine": name.address,
            "port": name.port,
            "internal": parts.control.internal.get(name.name, ""),
            "lease": "blocked" if name.blocked else "live" if name.live(now) else "away",
            "until": name.until,
            "blocked": name.blocked,
            "padlock": {
                "state": padlock.state if padlock is not None else "pending",
                "not_after": padlock.not_after if padlock is not None else None,
                "why": padlock.why if padlock is not None else "there is no certificate for this name",
            },
            "connections": parts.front.by_name.get(name.name, 0),
            "ended": moved.connections,
            "received": moved.received,
            "sent": moved.sent,
        }

    def tidy(self) -> None:
        """Forget what is known of names that are no more."""
        labels = {name.name for name in self.parts.names()}
        self.parts.front.traffic.keep(labels)
        internal = self.parts.control.internal
        for label in internal.keys() - labels:
            del internal[label]
