"""``webproxy config``: what is wrong in one sentence each, what holds and whose it is, and the schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.cli.wrong import WRONG, Wrong
from webproxy.cli.main import main
from webproxy.settings.options import OPTIONS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The file of an instance."""
    (tmp_path / "instances").mkdir()
    file = tmp_path / "instances" / "12345.toml"
    file.write_text('internal = 8080\ndrain = "5s"\n')
    return file


def config(*words: object) -> Result:
    return CliRunner().invoke(main, ["config", *map(str, words)])


def test_the_table_is_long_enough() -> None:
    assert len({row.text for row in WRONG}) >= 40


@pytest.mark.parametrize("row", WRONG, ids=[row.where.format("") + " " + row.what[:20] for row in WRONG])
def test_a_mistake_is_one_sentence_with_its_address(row: Wrong, file: Path) -> None:
    file.write_text(row.text)
    result = config("check", "--config", file)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(f"webproxy: {row.where.format(file)}: {row.what}")
    assert result.stderr.count("\n") == 1
    assert ": " in result.stderr.removeprefix(f"webproxy: {row.where.format(file)}: ") or ";" in result.stderr


def test_all_mistakes_in_one_run(file: Path) -> None:
    file.write_text("".join(row.text.removeprefix("internal = 8080\n") for row in WRONG[10:14]))
    assert len(config("check", "--config", file).stderr.splitlines()) == 5  # and internal is missing


def test_nothing_is_wrong(file: Path) -> None:
    result = config("check", "--config", file)
    assert (result.exit_code, result.stdout) == (0, f"{file}: nothing is wrong; port 12345 to 127.0.0.1:8080\n")
    assert config("check", "--internal", 1, "--port", 2).stdout == "nothing is wrong; port 2 to 127.0.0.1:1\n"


def test_files_of_users_and_keys_are_looked_into(file: Path, tmp_path: Path) -> None:
    users, keys = tmp_path / "users", tmp_path / "keys"
    users.write_text("anna:plain\nbert:{SHA}x\n")
    keys.write_text("laptop\n")
    file.write_text(f'internal = 8080\nhtpasswd = "{users}"\nkeys = "{keys}"\n')
    result = config("check", "--config", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [f"{users}:1", f"{users}:2", f"{keys}:1"]
    told = json.loads(config("check", "--json", "--config", file).stdout)
    assert [error["where"] for error in told["errors"]] == [f"{users}:1", f"{users}:2", f"{keys}:1"]


def test_check_as_json(file: Path) -> None:
    told = json.loads(config("check", "--json", "--config", file).stdout)
    assert told == {"right": True, "port": 12345, "file": str(file)}
    file.write_text("prot = 1\n")
    result = config("check", "--json", "--config", file)
    assert result.exit_code == 2
    assert json.loads(result.stdout) == {
        "right": False,
        "errors": [
            {"where": f"{file}:1: prot", "what": "there is no such setting", "right": "did you mean port?"},
            {"where": f"{file}: internal", "what": "not given", "right": "write internal = 8080"},
        ],
    }


def test_show_tells_whose_word_it_is(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEBPROXY_LOG_FORMAT", "json")
    (file.parents[1] / "webproxy.toml").write_text('wait-upstream = "9s"\n')
    lines = config("show", "--config", file, "--on-disconnect", "drain").stdout.splitlines()
    assert len(lines) == len(OPTIONS)
    told = {line.split()[0]: " ".join(line.split()[1:]) for line in lines}
    assert told["internal"] == f"8080 ({file}:1: internal)"
    assert told["port"] == f"12345 ({file})"
    assert told["drain"] == f"5s ({file}:2: drain)"
    assert told["wait-upstream"] == f"9s ({file.parents[1]}/webproxy.toml:1: wait-upstream)"
    assert told["log-format"] == "json (WEBPROXY_LOG_FORMAT)"
    assert told["on-disconnect"] == "drain (--on-disconnect)"
    assert told["trust"] == "nothing (default)"


def test_show_as_json(file: Path) -> None:
    rows = json.loads(config("show", "--config", file, "--json").stdout)
    assert {"name": "drain", "texts": ["5s"], "where": f"{file}:2: drain"} in rows
    assert config("show", "--json").exit_code == 2


def test_schema() -> None:
    assert json.loads(config("schema").stdout)["properties"]["internal"]
