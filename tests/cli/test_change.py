"""``webproxy set``: all of it is right and holds, or nothing changes; what the operator wrote stays as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.instances.systemctl import Systemctl
from webproxy.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

MINE = 'internal = 8080  # Ollama\n\n# as long as it takes\ndrain = "1h"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path / "webproxy"))
    file = tmp_path / "webproxy" / "instances" / "12345.toml"
    file.parent.mkdir(parents=True)
    file.write_text(MINE)
    return file


def set_(*words: object) -> Result:
    return CliRunner().invoke(main, ["set", "12345", *map(str, words)])


def test_it_changes_what_it_says_and_nothing_else(file: Path) -> None:
    result = set_("drain=5m", "max-body=2GiB", "internal=9090")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("instance 12345: changed: internal, drain, max-body\nnot reloaded: ")
    assert file.read_text() == ('internal = 9090  # Ollama\n\n# as long as it takes\ndrain = "5m"\nmax-body = "2GiB"\n')


def test_nothing_to_change_writes_nothing(file: Path) -> None:
    before = file.stat()
    result = set_("drain=1h")
    assert (result.exit_code, result.stdout) == (0, "instance 12345: nothing to change\n")
    assert file.stat() == before


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["drain=5"], "{}:4: drain: '5' has no unit"),
        (["drain=5m", "trust=x"], "{}:5: trust: 'x' is not a network"),
        (["internal="], "{}: internal: not given; write internal = 8080"),
        (["dran=5m"], "dran: there is no such setting; did you mean drain?"),
        (["port=12346"], "port: is the instance's name"),
        (["drain"], "drain: is no assignment"),
        (["internal=12345"], "{}:1: internal: 127.0.0.1:12345 is the address that webproxy itself would open"),
        (["policy=nobody"], "{}:5: policy.nobody: no policy of that name is installed"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changes(words: list[str], sentence: str, file: Path) -> None:
    result = set_(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"webproxy: {sentence.format(file)}")
    assert file.read_text() == MINE


def test_there_is_no_such_instance(file: Path) -> None:
    result = CliRunner().invoke(main, ["set", "12346", "drain=5m"])
    assert result.exit_code == 2
    assert result.stderr.startswith("webproxy: 12346: there is no such instance; did you mean 12345?")


def test_what_was_wrong_may_be_mended(file: Path) -> None:
    file.write_text("internal = 0\n")
    result = set_("internal=8080")
    assert result.exit_code == 0
    assert file.read_text() == "internal = 8080\n"


def test_an_instance_that_runs_reads_it(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemctl = Systemctl(tmp_path, monkeypatch)
    systemctl.shows("active")
    told = json.loads(set_("--json", "drain=5m", "listen=127.0.0.1").stdout)
    assert told == {
        "port": 12345,
        "file": str(file),
        "changed": True,
        "at_once": ["drain"],
        "at_restart": ["listen"],
        "undone": "",
    }
    assert systemctl.told() == ["daemon-reload", "reload webproxy@12345.service"]
    assert "after webproxy disable 12345 and webproxy enable 12345 will hold: listen" in set_("listen=127.0.0.2").stdout
    systemctl.shows("inactive")
    systemctl.told()
    set_("drain=6m")
    assert systemctl.told() == []


def test_one_that_does_not_take_it_is_told(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemctl = Systemctl(tmp_path, monkeypatch)
    systemctl.shows("active")
    systemctl.fails("reload", "Job failed.")
    result = set_("drain=5m")
    assert (result.exit_code, result.stderr.startswith("webproxy: instance 12345 was not reloaded")) == (1, True)
