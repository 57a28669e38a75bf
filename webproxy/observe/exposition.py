"""The proxy's metrics, as Prometheus reads them.

Rule of this file: names and labels of what ``tally`` and ``instance`` know, by the rules of ``scrape``.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING

from prometheus_client.core import HistogramMetricFamily

from webproxy.observe.scrape import Scrape, counter, gauge
from webproxy.observe.tally import BOUNDS
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from prometheus_client.core import Metric

    from webproxy.observe.instance import Instance
    from webproxy.observe.tally import Cell

_NO_NAME = re.compile(r"[^a-z0-9]+")


class Exposition(Scrape):
    """Gives an instance's metrics."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        super().__init__()

    def __repr__(self) -> str:
        return f"<Exposition of {self._instance!r}>"

    def collect(self) -> Iterator[Metric]:
        """Read the counters."""
        yield from self._exchanges()
        yield from self._ends()
        yield from self._access()
        yield from self._present()
        yield from self._policies()

    def _exchanges(self) -> Iterator[Metric]:
        ended: Counter[tuple[str, str]] = Counter()
        raised: Counter[tuple[str, str]] = Counter()
        by_class: dict[str, list[Cell]] = {}
        for (name, status), cell in self._instance.watch.tally.cells.items():
            before, changed, after = name.rpartition(">")
            ended[after, str(status)] += cell.count
            if changed:
                raised[before, after] += cell.count
            by_class.setdefault(after, []).append(cell)
        yield counter("webproxy_exchanges", "Exchanges that are over.", ("class", "status"), ended)
        yield counter("webproxy_reclassified", "Exchanges whose class their answer raised.", ("from", "to"), raised)
        yield from _volumes(by_class)

    def _ends(self) -> Iterator[Metric]:
        tally = self._instance.watch.tally
        early = {(by,): count for by, count in tally.ended_early.items()}
        yield counter("webproxy_ended_early", "Exchanges that somebody ended before their end.", ("by",), early)
        failed = {(phase,): count for phase, count in tally.failures.items()}
        yield counter("webproxy_upstream_failures", "Failures of the internal service.", ("phase",), failed)

    def _access(self) -> Iterator[Metric]:
        tally = self._instance.watch.tally
        yield counter("webproxy_let_in", "Requests with credentials that were good.", (), {(): tally.let_in})
        away = {(why,): count for why, count in tally.turned_away.items()}
        yield counter("webproxy_turned_away", "Requests that were not let in.", ("why",), away)

    def _present(self) -> Iterator[Metric]:
        instance = self._instance
        rows = Counter((row.traffic_class.rpartition(">")[2], row.state) for row in instance.running())
        yield gauge("webproxy_exchanges_running", "Exchanges that run.", ("class", "state"), rows)
        yield gauge("webproxy_connections", "Clients connected.", (), {(): len(instance.site.channels)})
        pool = {("resting",): instance.pool.resting, ("busy",): instance.pool.busy}
        yield gauge("webproxy_upstream_connections", "Connections to the internal service.", ("state",), pool)
        up = {(): 1 if instance.pool.down_since is None else 0}
        yield gauge("webproxy_upstream_up", "Whether the internal service took the last connection.", (), up)
        lag = {("last",): instance.lag.last, ("worst",): instance.lag.worst}
        yield gauge("webproxy_event_loop_lag_seconds", "How late the event loop is; worst of a minute.", ("of",), lag)
        yield gauge("webproxy_build_info", "The version that runs.", ("version",), {(version(),): 1})

    def _policies(self) -> Iterator[Metric]:
        failures = {(name,): count for name, count in self._instance.chain.failures.items()}
        yield counter("webproxy_policy_failures", "Hooks of policies that raised.", ("policy",), failures)
        told: set[str] = set()
        for policy, metric, value in self._instance.chain.readings():
            name = f"webproxy_policy_{_NO_NAME.sub('_', policy.lower())}_{metric.name}"
            if name not in told:  # two policies of one name would spoil the whole exposition
                told.add(name)
                yield (counter if metric.kind == "counter" else gauge)(name, metric.help, (), {(): value})


def _volumes(by_class: Mapping[str, Sequence[Cell]]) -> Iterator[Metric]:
    """Give the bytes and times of each class."""
    received = {(name,): sum(cell.received for cell in cells) for name, cells in by_class.items()}
    sent = {(name,): sum(cell.sent for cell in cells) for name, cells in by_class.items()}
    yield counter("webproxy_received_bytes", "Bytes of requests' bodies.", ("class",), received)
    yield counter("webproxy_sent_bytes", "Bytes of answers.", ("class",), sent)
    durations = HistogramMetricFamily("webproxy_exchange_duration_seconds", "How long it took.", labels=("class",))
    waits = HistogramMetricFamily("webproxy_first_byte_seconds", "Until the answer's first byte.", labels=("class",))
    for name, cells in by_class.items():
        durations.add_metric((name,), _buckets([cell.durations for cell in cells]), sum(c.seconds for c in cells))
        waits.add_metric((name,), _buckets([cell.waits for cell in cells]), sum(c.waited for c in cells))
    yield durations
    yield waits


def _buckets(counts: Sequence[Sequence[int]]) -> list[tuple[str, float]]:
    """Add up histograms: how many were at most each bound."""
    sums = accumulate(map(sum, zip(*counts, strict=True)))
    return list(zip([*map(str, BOUNDS), "+Inf"], sums, strict=True))
