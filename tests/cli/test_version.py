"""``webproxy version``."""

from __future__ import annotations

import platform
from importlib import metadata
from typing import TYPE_CHECKING

from click.testing import CliRunner

from webproxy.cli.main import main
from webproxy.version import described

if TYPE_CHECKING:
    import pytest


def test_says_what_runs_here() -> None:
    result = CliRunner().invoke(main, ["version"])
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[0] == f"webproxy {described()}"
    assert lines[1].startswith(f"python {platform.python_version()} ")
    assert f"twisted {metadata.version('twisted')}" in lines


def test_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def only_twisted(name: str) -> str:
        if name != "twisted":
            raise metadata.PackageNotFoundError(name)
        return "1.2"

    monkeypatch.setattr(metadata, "version", only_twisted)
    output = CliRunner().invoke(main, ["version"]).output
    assert "twisted 1.2\nuvloop is not installed\n" in output
