"""``webproxy-router names``: what they show and change, and their errors in sentences."""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from webproxy.observe.journal import observer
from webproxy.router import command
from webproxy.router.command import main
from webproxy.router.rows import Name
from webproxy.router.store import Store

if TYPE_CHECKING:
    from pathlib import Path

NAME = "app-fox-chi"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    store = Store(tmp_path / "router.db")
    now = time.time()
    store.put_name(Name(NAME, "anna", b"k" * 32, "10.0.0.7", 12345, now, now + 60))
    store.put_name(Name("old-owl-psi", "anna", b"l" * 32, "10.0.0.8", 12345, now, now - 60))
    store.close()
    return tmp_path


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, [*words, "--state", str(folder)])


def test_names_are_listed(folder: Path) -> None:
    assert run(folder, "names", "list").output.splitlines() == [
        f"{NAME}  anna  10.0.0.7:12345  live",
        "old-owl-psi  anna  10.0.0.8:12345  away",
    ]
    first, second = json.loads(run(folder, "names", "list", "--json").output)
    assert (first["name"], first["live"], second["live"], first["machine"]) == (NAME, True, False, "6b" * 32)


def test_a_name_is_switched_off_and_on(folder: Path) -> None:
    assert run(folder, "names", "block", NAME, "--reason", "phishing").output == f"{NAME} is blocked\n"
    assert "blocked: phishing" in run(folder, "names", "list").output
    assert run(folder, "names", "unblock", NAME).exit_code == 0
    assert "blocked" not in run(folder, "names", "list").output


def test_a_name_is_released(folder: Path) -> None:
    assert run(folder, "names", "release", NAME).output == f"{NAME} is free\n"
    assert NAME not in run(folder, "names", "list").output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("names", "release", "app-fox-chy"), "there is no such name; did you mean app-fox-chi?"),
        (("names", "block", NAME, "--reason", " "), "--reason: says nothing"),
        (("names", "block", NAME), "Missing option '--reason'"),
        (("names", "lsit"), "No such command 'lsit'"),
    ],
)
def test_errors_are_sentences(folder: Path, words: tuple[str, ...], told: str) -> None:
    result = run(folder, *words)
    assert (result.exit_code, told in result.stderr) == (2, True)
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("webproxy-router: ")


def test_a_damaged_store(tmp_path: Path) -> None:
    (tmp_path / "router.db").write_bytes(b"x" * 5000)
    result = run(tmp_path, "names", "list")
    assert (result.exit_code, "is damaged" in result.output) == (1, True)


def test_under_systemd_the_log_is_the_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[Any] = []
    monkeypatch.setattr(command, "runApp", ran.append)
    output = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{output.st_dev}:{output.st_ino}")
    file = tmp_path / "pem"
    file.touch()
    words = ["--domain", "a.example.com", "--certificate", str(file), "--key", str(file), "--machines", "10.0.0.0/8"]
    assert CliRunner().invoke(main, ["run", *words]).exit_code == 0
    assert ran[0]["logger"] is observer
    assert ran[0].subOptions.settings.domain == "a.example.com"
