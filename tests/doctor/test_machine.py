"""Limits and the clock."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest

from webproxy.doctor import machine

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("hard", "pages", "levels"),
    [
        (65536, "16384", ["good"]),
        (resource.RLIM_INFINITY, "0", ["good"]),
        (1024, "16384", ["problem"]),
        (65536, "1024", ["good", "note"]),
        (65536, "?", ["good"]),
    ],
)
def test_limits(hard: int, pages: str, levels: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pages").write_text(pages)
    monkeypatch.setattr(machine, "PIPES", tmp_path / "pages")
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (1024, hard))
    assert [finding.level for finding in machine.limits()] == levels


def test_the_clock() -> None:
    assert machine.clock().level == "good"
    assert machine.clock(0.0).level == "problem"
