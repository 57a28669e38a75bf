"""A run is kept as JSON and read again as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.rows.row import Metric
from bench.sample import DIRECT, Run, Sample, load, save

if TYPE_CHECKING:
    from pathlib import Path

CPU = Metric("cpu_us", "CPU")
ADDED = Metric("added_ms", "added", above_direct="lag_ms")
RUN = Run(
    {"date": "today"},
    [
        Sample("get", "nginx", 0, {"cpu_us": 20.0, "lag_ms": 3.0}, others=0.25),
        Sample("get", DIRECT, 0, {"lag_ms": 1.0}),
        Sample("get", "nginx", 1, failure="it fell over"),
        Sample("post", "caddy", 0, {"cpu_us": 90.0}),
    ],
)


def test_a_run_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "bench.json"
    save(RUN, path)
    assert load(path) == RUN


@pytest.mark.parametrize("text", ["", "[]", '{"facts": {}}', '{"facts": {}, "samples": [{"colour": "red"}]}'])
def test_a_file_of_somebody_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises((ValueError, KeyError, TypeError)):
        load(path)


def test_values_are_found_by_round() -> None:
    assert RUN.by_round("get", CPU, "nginx") == {0: 20.0}
    assert RUN.by_round("get", CPU, "caddy") == {}


def test_what_a_proxy_adds_is_its_value_less_the_direct_one() -> None:
    assert RUN.by_round("get", ADDED, "nginx") == {0: 2.0}
    assert RUN.by_round("get", ADDED, DIRECT) == {}


def test_peers_and_failures_of_a_row() -> None:
    assert RUN.peers("get") == ["nginx", DIRECT]
    assert RUN.failures("get", "nginx") == ["it fell over"]
    assert RUN.failures("post", "caddy") == []
