"""What commands about instances say: lines for people, JSON for programs, and what could not be done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from webproxy.cli.instance import left_undone, run_it, tell

if TYPE_CHECKING:
    import pytest


def test_people_read_lines_and_programs_json(capsys: pytest.CaptureFixture[str]) -> None:
    tell(False, {"port": 1}, "first", "", "second")
    assert capsys.readouterr().out == "first\nsecond\n"
    tell(True, {"port": 1}, "first")
    assert json.loads(capsys.readouterr().out) == {"port": 1}


def test_what_is_not_missing_is_not_told() -> None:
    assert left_undone("", "not started", "x") == ""
    assert left_undone("no systemd", "not started", run_it("a.toml")) == (
        "not started: no systemd; webproxy run --config a.toml"
    )
