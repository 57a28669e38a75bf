"""A wrong value is told alike wherever it is written: one sentence, its address in front, exit status 2."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.cli.wrong_values import VALUES, WrongValue
from webproxy.cli.main import main
from webproxy.settings.environment import variable
from webproxy.settings.options import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path

RIGHT = {"internal": "8080", "port": "12345"}

every_value = pytest.mark.parametrize("row", VALUES, ids=[f"{row.name}-{row.text}" for row in VALUES])


def told(result: Result, where: str, row: WrongValue) -> None:
    """Show that one sentence tells it, at this address."""
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"webproxy: {where}")
    assert f": {row.what}" in line
    assert isinstance(result.exception, SystemExit)


def words(row: WrongValue) -> list[str]:
    """What else is needed, as options."""
    return [word for name, text in RIGHT.items() if name != row.name for word in (f"--{name}", text)]


def test_the_table_is_long_enough_and_leaves_no_option_out() -> None:
    assert len(set(VALUES)) >= 40
    assert {row.name for row in VALUES} == {option.name for option in OPTIONS}


@every_value
def test_as_an_option(row: WrongValue) -> None:
    told(CliRunner().invoke(main, ["config", "check", *words(row), f"--{row.name}", row.text]), f"--{row.name}", row)


@every_value
def test_as_a_variable(row: WrongValue) -> None:
    name = variable(row.name)
    told(CliRunner().invoke(main, ["config", "check", *words(row)], env={name: row.text}), name, row)


@every_value
def test_in_a_file(row: WrongValue, tmp_path: Path) -> None:
    file = tmp_path / "any.toml"
    file.write_text(f"# settings\n{row.name} = {json.dumps(row.text)}\n")
    told(
        CliRunner().invoke(main, ["config", "check", "--config", str(file), *words(row)]), f"{file}:2: {row.name}", row
    )


@every_value
def test_by_run(row: WrongValue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webproxy.cli.run.runApp", pytest.fail)
    told(CliRunner().invoke(main, ["run", *words(row), f"--{row.name}", row.text]), f"--{row.name}", row)
