"""Minutes of mixed traffic with faults: nothing grows. ``python -m bench endure`` does the same for an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.endurance.hours import endure

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

MINUTES = 6.0


def test_nothing_grows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status = endure(MINUTES, tmp_path)
    told = (tmp_path / "endurance.md").read_text()
    assert status == 0, told + capsys.readouterr().err
    for name in ("webproxy", "router"):
        assert f"flat: {name}, memory" in told
        assert "Traceback" not in (tmp_path / f"{name}.out").read_text()
