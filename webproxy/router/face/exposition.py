"""The router's metrics, as Prometheus reads them.

Rule of this file: names and labels of what a :class:`Picture` knows, by the rules of ``observe/scrape``. No label holds
a public name: there may be ten thousand of them; the JSON API tells of each.
"""

from __future__ import annotations

from collections import Counter
from time import time
from typing import TYPE_CHECKING, get_args

from webproxy.observe.scrape import Scrape, counter, gauge
from webproxy.router.acme.status import State
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from webproxy.router.face.picture import Picture


class RouterExposition(Scrape):
    """Gives a router's metrics."""

    def __init__(self, picture: Picture) -> None:
        self._picture = picture
        super().__init__()

    def __repr__(self) -> str:
        return f"<RouterExposition of {self._picture!r}>"

    def collect(self) -> Iterator[Metric]:
        """Read the counters."""
        yield from self._names()
        yield from self._certificates()
        yield from self._traffic()
        yield gauge("webproxy_router_build_info", "The version that runs.", ("version",), {(version(),): 1})

    def _names(self) -> Iterator[Metric]:
        now = time()
        states = Counter(
            {("live",): 0, ("away",): 0, ("blocked",): 0}
            | Counter(
                ("blocked" if name.blocked else "live" if name.live(now) else "away",)
                for name in self._picture.parts.names()
            )
        )
        yield gauge("webproxy_router_names", "Public names; live: a machine holds a lease.", ("state",), states)

    def _certificates(self) -> Iterator[Metric]:
        found = self._picture.certificates()
        ends = {(one.names[0] if one.names else "",): one.not_after for one in found}
        yield gauge(
            "webproxy_router_certificate_not_after_seconds",
            "Until when a certificate is good, in seconds since the epoch.",
            ("certificate",),
            {label: end for label, end in ends.items() if end is not None},
        )
        states = Counter({(state,): 0 for state in get_args(State)} | Counter((one.state,) for one in found))
        yield gauge("webproxy_router_certificates", "Certificates by their state.", ("state",), states)
        alarm = {(): int(self._picture.alarm())}
        yield gauge("webproxy_router_alarm", "Whether a certificate is expiring or failed.", (), alarm)

    def _traffic(self) -> Iterator[Metric]:
        front = self._picture.parts.front
        traffic, moved = front.traffic, front.traffic.total()
        yield gauge("webproxy_router_connections", "Clients connected.", (), {(): front.connections})
        yield counter("webproxy_router_handshakes", "TLS handshakes that came to an end.", (), {(): traffic.handshakes})
        refused = {(why,): count for why, count in traffic.refused.items()}
        yield counter("webproxy_router_refused", "Connections that did not get through.", ("why",), refused)
        yield counter("webproxy_router_passages", "Connections to machines.", (), {(): moved.connections})
        yield counter("webproxy_router_received_bytes", "Bytes of clients, decrypted.", (), {(): moved.received})
        yield counter("webproxy_router_sent_bytes", "Bytes to clients, decrypted.", (), {(): moved.sent})
