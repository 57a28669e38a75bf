"""What Prometheus takes, whatever it tells of.

Rule of this file: families of metrics from plain numbers, made when somebody asks; times in seconds, sizes in bytes
(prometheus.io, "Metric and label naming"). No label holds what a stranger chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prometheus_client.core import Metric

CONTENT_TYPE = CONTENT_TYPE_LATEST


class Scrape(Collector):
    """Gives metrics: those of the process, and what ``collect`` of a class below this gives."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def text(self) -> bytes:
        """Write all of them."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Promise nothing: what there is depends on the traffic."""
        return []


def counter(name: str, text: str, labels: Sequence[str], values: Mapping[Any, float]) -> Metric:
    """Give what only grows; ``_total`` joins its name.

    :param values: by the labels' values, a tuple; ``()`` where there are no labels.
    """
    family = CounterMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family


def gauge(name: str, text: str, labels: Sequence[str], values: Mapping[Any, float]) -> Metric:
    """Give what goes up and down; arguments as for :func:`counter`."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for label, value in values.items():
        family.add_metric(label, value)
    return family
