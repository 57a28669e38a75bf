"""Minutes of mixed traffic with faults: nothing grows. ``python -m bench endure`` does the same for an hour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from bench.endurance.hours import endure

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MINUTES = 6.0
ROUTER_MIB = 300.0
"""The router's memory levels off within an hour, and not within minutes, so here it has a bound instead."""


def test_nothing_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    endure(MINUTES, tmp_path)
    told = (tmp_path / "endurance.md").read_text() + capsys.readouterr().err
    assert "flat: webproxy, memory" in told, told
    grown = [line for line in told.splitlines() if "GROWS" in line and "router, memory" not in line]
    assert not grown, told
    moments = json.loads((tmp_path / "endurance.json").read_text())["moments"]
    assert max(moment["figures"]["memory_mib"] for moment in moments) < ROUTER_MIB
    for name in ("webproxy", "router"):
        assert "Traceback" not in (tmp_path / f"{name}.out").read_text()
