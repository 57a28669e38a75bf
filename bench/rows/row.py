"""What a row is: a kind of traffic, how to make it, and which figures come out.

A new row is a function from a ``Scene`` to values and a line in ``table.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.child import Child

Values = dict[str, float]

BRIDGES = frozenset({"webproxy_frames", "message_bridge"})
"""Peers that are measured with WebSockets alone."""

EDGES = frozenset({"router", "haproxy_tls", "nginx_stream"})
"""Peers that take TLS from their clients and pass it on as TCP: measured with that alone."""

SPECIAL = BRIDGES | EDGES

HTTP_PROXIES = frozenset({"nginx", "nginx_buffered", "haproxy", "haproxy_auto", "haproxy_pipes", "caddy", "twisted"})

EVERYBODY_ELSE = SPECIAL | HTTP_PROXIES
"""Whoever is not webproxy: of rows that are loops within the bench."""


@dataclass(frozen=True)
class Metric:
    """A figure of a row: its name, what a table calls it, unit included.

    ``above_direct`` names the metric of which this is the part the proxy adds: its value less that without a proxy.
    ``compared``: whether a ratio to another peer's value says anything; between two growths of a page it does not.
    """

    name: str
    title: str
    above_direct: str = ""
    compared: bool = True


@dataclass(frozen=True)
class Scene:
    """Where a measurement takes place: the port to talk to, the proxy that listens there, and how long it may take.

    ``proxy`` is None on the direct way to the service. ``load_cpus`` are for programs that make load. ``rate`` is how
    many requests a second a paced row is to make.
    """

    port: int
    proxy: Child | None
    seconds: float
    load_cpus: Sequence[int]
    rate: int = 0

    def cpu_seconds(self) -> float:
        """What the proxy has used so far; 0 on the direct way."""
        return self.proxy.cpu_seconds() if self.proxy else 0.0


@dataclass(frozen=True)
class Row:
    """``direct``: measured without a proxy too. ``absent``: peers that cannot carry this traffic, or would not want to.

    ``guarded``: the proxy lets in only who has a password. ``paced``: it is told a rate at which to ask.
    """

    name: str
    title: str
    metrics: Sequence[Metric]
    measure: Callable[[Scene], Values]
    upstream: Literal["answers", "bodies", "sockets"] = "answers"
    direct: bool = False
    absent: frozenset[str] = SPECIAL
    guarded: bool = False
    paced: bool = False

    def metric(self, name: str) -> Metric:
        """Its metric of this name; ``StopIteration`` if there is none."""
        return next(metric for metric in self.metrics if metric.name == name)
