"""The metrics, read back by Prometheus' own parser."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client.parser import text_string_to_metric_families

from tests.observe.watched import Watched, watched
from tests.scripted import CHAT, GET, OK
from webproxy.observe.exposition import Exposition
from webproxy.policy import Metric, Policy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def samples(seen: Watched) -> Mapping[str, float]:
    """Every sample, by name and labels."""
    text = Exposition(seen.instance).text().decode()
    return {
        f"{sample.name}{{{','.join(f'{key}={value}' for key, value in sorted(sample.labels.items()))}}}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_exchanges_are_counted_by_class_and_status() -> None:
    seen = watched()
    seen.client.says(GET)
    upstream = seen.wire.upstream()
    upstream.says(OK + b"hello")
    seen.client.says(GET)
    upstream.says(OK.replace(b"Content-Length", b"Content-Disposition: attachment\r\nContent-Length") + b"hello")
    seen.client.says(CHAT)
    found = samples(seen)
    assert found["webproxy_exchanges_total{class=DEFAULT,status=200}"] == 1
    assert found["webproxy_exchanges_total{class=DOWNLOAD,status=200}"] == 1
    assert found["webproxy_reclassified_total{from=DEFAULT,to=DOWNLOAD}"] == 1
    assert found["webproxy_exchanges_running{class=LONG,state=asked}"] == 1
    assert found["webproxy_exchange_duration_seconds_count{class=DEFAULT}"] == 1
    assert found["webproxy_exchange_duration_seconds_bucket{class=DEFAULT,le=+Inf}"] == 1
    assert found["webproxy_upstream_connections{state=busy}"] == 1
    assert found["webproxy_connections{}"] == 1
    assert found["webproxy_policy_failures_total{policy=timeout}"] == 0
    assert found["process_open_fds{}"] > 0


def test_failures_of_the_service_are_counted_by_phase() -> None:
    seen = watched()
    seen.client.says(GET)
    seen.wire.upstream_refuses()
    seen.client.says(GET)
    upstream = seen.wire.upstream()
    upstream.says(OK + b"he")
    upstream.leaves()
    seen.wire.client().says(CHAT)
    seen.wire.upstream().leaves()
    found = samples(seen)
    phases = {
        phase: found[f"webproxy_upstream_failures_total{{phase={phase}}}"] for phase in ("connect", "head", "body")
    }
    assert phases == {"connect": 1, "head": 1, "body": 1}
    assert found["webproxy_ended_early_total{by=upstream}"] == 3
    assert repr(Exposition(seen.instance)).startswith("<Exposition of <Instance <Site port=12345")


class Lines(Policy):
    """Counts, as policies may."""

    name = "my-line"

    def metrics(self) -> Iterable[Metric]:
        yield Metric("waiting", "gauge", "How many wait.", lambda: 3.0)
        yield Metric("refused", "counter", "How many were refused.", lambda: 7.0)


def test_what_policies_count_has_their_name_in_front() -> None:
    found = samples(watched(Lines(), Lines()))
    assert found["webproxy_policy_my_line_waiting{}"] == 3
    assert found["webproxy_policy_my_line_refused_total{}"] == 7


def test_promtool_finds_nothing_wrong() -> None:
    seen = watched()
    seen.client.says(GET)
    seen.wire.upstream().says(OK + b"hello")
    checked = subprocess.run(
        ["/usr/bin/promtool", "check", "metrics"],
        input=Exposition(seen.instance).text(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_the_documentation_names_every_metric() -> None:
    seen = watched()
    page = (Path(__file__).parents[2] / "docs" / "reference" / "metrics.md").read_text()
    documented = set(re.findall(r"^\| `(webproxy_\w+)`", page, re.MULTILINE))
    families = text_string_to_metric_families(Exposition(seen.instance).text().decode())
    ours = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in families
        if family.name.startswith("webproxy_")
    }
    assert documented == ours
