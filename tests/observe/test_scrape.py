"""Families of metrics from plain numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.observe.scrape import Scrape, counter, gauge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric


class Two(Scrape):
    def collect(self) -> Iterator[Metric]:
        yield counter("webproxy_seen", "Seen.", ("by",), {("anna",): 2, ("ben",): 1})
        yield gauge("webproxy_here", "Here.", (), {(): 3})


def test_numbers_and_the_process() -> None:
    lines = Two().text().decode().splitlines()
    assert 'webproxy_seen_total{by="anna"} 2.0' in lines
    assert 'webproxy_seen_total{by="ben"} 1.0' in lines
    assert "webproxy_here 3.0" in lines
    assert [line for line in lines if line.startswith("process_open_fds ")]
