"""A router's parts, as many as a picture needs, without sockets."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

from webproxy.router.acme.status import CertificateStatus
from webproxy.router.face.padlocks import Padlocks
from webproxy.router.face.picture import Picture
from webproxy.router.rows import Name
from webproxy.router.traffic import Traffic

DOMAIN = "secure.example.com"


def certificate(*names: str, state: Any = "active", **other: Any) -> CertificateStatus:
    """How a certificate is."""
    said: dict[str, Any] = {"not_before": 0.0, "not_after": 2e9, "next_try": None, "why": "", **other}
    if state == "pending":
        said |= {"not_before": None, "not_after": None}
    return CertificateStatus(names=names or (f"*.{DOMAIN}",), state=state, **said)


def name(label: str, **other: Any) -> Name:
    """A name whose machine is there."""
    now = time.time()
    return Name(label, "anna", b"k" * 32, "10.0.0.7", 12345, now, now + 60)._replace(**other)


class Router:
    """What a picture looks at, in the test's hands."""

    def __init__(self) -> None:
        self.here = [name("app-fox-chi")]
        self.stands = [certificate()]
        self.renewed: list[str] = []
        self.settings: Any = SimpleNamespace(domain=DOMAIN)
        self.control: Any = SimpleNamespace(internal={}, url=lambda label: f"https://{label}.{DOMAIN}")
        self.front: Any = SimpleNamespace(traffic=Traffic(), connections=0, by_name={})
        self.padlocks = Padlocks(DOMAIN, lambda: self.stands, lambda: float("inf"))
        self.port = 443
        self.running = 1

    def now(self, *stands: CertificateStatus) -> Picture:
        """A picture of it, with these certificates."""
        ticks = iter(range(1000000))
        self.stands = list(stands) or self.stands
        self.padlocks = Padlocks(DOMAIN, lambda: self.stands, lambda: float(next(ticks)))
        return Picture(self)

    def names(self) -> list[Name]:
        return self.here

    def renew(self, name: str = "") -> None:
        if name and not any(name in one.names for one in self.stands):
            raise LookupError(f"there is no certificate of {name}")
        self.renewed.append(name)
