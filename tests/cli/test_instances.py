"""``webproxy list|show|status|enable|disable|remove|logs``, with systemd and without."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from tests.instances.systemctl import Systemctl
from webproxy.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two instances."""
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path / "webproxy"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    instances = tmp_path / "webproxy" / "instances"
    instances.mkdir(parents=True)
    (instances / "12345.toml").write_text('internal = 8080\npublic-url = "https://gpu.example"\n')
    (instances / "12346.toml").write_text("internal = 0\n")
    return instances


@pytest.fixture
def systemctl(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Systemctl:
    return Systemctl(tmp_path, monkeypatch)


def webproxy(*words: object) -> Result:
    return CliRunner().invoke(main, list(map(str, words)))


def test_list(folder: Path) -> None:
    lines = webproxy("list").stdout.splitlines()
    assert lines == ["8080 -> 12345 -> https://gpu.example  pending  stopped", "? -> 12346  failed  stopped"]
    told = json.loads(webproxy("list", "--json").stdout)
    assert [(one["port"], one["padlock"]) for one in told] == [(12345, "pending"), (12346, "failed")]


def test_there_is_none_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path))
    assert webproxy("list").stdout == f"there is no instance in {tmp_path} yet; webproxy add makes one\n"
    assert webproxy("list", "--json").stdout == "[]\n"
    assert webproxy("status").exit_code == 0


def test_show(folder: Path) -> None:
    (folder.parent / "webproxy.toml").write_text('drain = "9s"\n')
    lines = {" ".join(line.split()) for line in webproxy("show", 12345).stdout.splitlines()}
    assert f"internal 8080 ({folder}/12345.toml:1: internal)" in lines
    assert f"drain 9s ({folder.parent}/webproxy.toml:1: drain)" in lines
    assert "trust nothing (default)" in lines
    rows = json.loads(webproxy("show", 12345, "--json").stdout)
    assert {"name": "drain", "texts": ["9s"], "where": f"{folder.parent}/webproxy.toml:1: drain"} in rows
    assert webproxy("show", 12346).exit_code == 2


def test_status_without_systemd(folder: Path) -> None:
    result = webproxy("status")
    assert result.exit_code == 3
    assert result.stdout.splitlines() == [
        "8080 -> 12345 -> https://gpu.example  pending  stopped",
        "? -> 12346  failed  stopped",
        f"  {folder}/12346.toml:1: internal: 0 is not a port; ports go from 1 to 65535",
    ]
    assert result.stderr.count("\n") == 1


def test_status_with_systemd(systemctl: Systemctl) -> None:
    systemctl.shows("active", StatusText="8080 -> 12345; upgraded")
    result = webproxy("status", 12345)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "8080 -> 12345 -> https://gpu.example  locked  serving",
        "  8080 -> 12345; upgraded",
    ]
    (told,) = json.loads(webproxy("status", "12345", "--json").stdout)
    assert (told["live"], told["enabled"], told["told"]) == ("serving", True, "8080 -> 12345; upgraded")
    systemctl.shows("failed")
    assert webproxy("status", 12345).exit_code == 3


def test_enable_and_disable(systemctl: Systemctl) -> None:
    assert webproxy("enable", 12345).stdout == "instance 12345 runs, and starts with the machine\n"
    assert systemctl.told() == ["enable --now webproxy@12345.socket webproxy@12345.service"]
    assert json.loads(webproxy("disable", 12345, "--json").stdout) == {"port": 12345, "enabled": False}
    assert systemctl.told()[0] == "disable --now webproxy@12345.service webproxy@12345.socket"


def test_enable_checks_first(systemctl: Systemctl) -> None:
    result = webproxy("enable", 12346)
    assert (result.exit_code, systemctl.told()) == (2, [])


@pytest.mark.parametrize("command", ["enable", "disable", "logs"])
def test_what_only_systemd_can_do_is_refused_without(command: str, folder: Path) -> None:
    result = webproxy(command, 12345)
    assert result.exit_code == 1
    assert result.stderr.startswith("webproxy: ")
    assert result.stderr.count("\n") == 1


def test_remove_keeps_the_file(folder: Path, systemctl: Systemctl) -> None:
    (folder / "12345.users").write_text("anna:x\n")
    other = (folder / "12346.toml").stat()
    result = webproxy("remove", 12345)
    assert result.stdout == f"instance 12345 is removed; its settings are kept in {folder}/12345.toml.removed\n"
    assert sorted(path.name for path in folder.iterdir()) == [
        "12345.toml.removed",
        "12345.toml.removed.users",
        "12346.toml",
    ]
    assert (folder / "12346.toml").stat() == other
    assert systemctl.told()[0] == "disable --now webproxy@12345.service webproxy@12345.socket"


def test_remove_without_systemd(folder: Path) -> None:
    told = json.loads(webproxy("remove", 12345, "--json").stdout)
    assert told["kept"] == f"{folder}/12345.toml.removed"
    assert told["undone"].startswith("not stopped: ")


@pytest.mark.parametrize("command", ["show", "status", "enable", "disable", "remove", "logs"])
def test_there_is_no_such_instance(command: str, folder: Path) -> None:
    result = webproxy(command, 12347)
    assert result.exit_code == 2
    assert result.stderr.startswith("webproxy: 12347: there is no such instance; did you mean 1234")


@pytest.mark.parametrize("word", ["x", "0", "65536", ""])
def test_what_is_no_port(word: str, folder: Path) -> None:
    result = webproxy("show", word)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1


def test_logs_are_the_journals(systemctl: Systemctl, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr(os, "execvp", lambda program, words: ran.append(words))
    webproxy("logs", 12345, "-f", "-n", "7", "--json")
    assert ran == [
        ["journalctl", "--no-pager", "--unit", "webproxy@12345.service", "--lines", "7", "--follow", "--output=json"]
    ]
