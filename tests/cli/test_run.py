"""``webproxy run``: hands its words to twistd's machinery, in the foreground and without files of twistd's.

That it serves is shown with child processes, in tests/integration/test_start.py.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from webproxy.cli import run as running
from webproxy.cli.main import main
from webproxy.launch import logs_to_stdout
from webproxy.observe.journal import observer
from webproxy.tap import Options

if TYPE_CHECKING:
    from twisted.python import usage


def test_is_twistd_in_the_foreground(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[usage.Options] = []
    monkeypatch.setattr(running, "runApp", ran.append)
    result = CliRunner().invoke(main, ["run", "--internal", "8080", "--port=12345"])
    assert (result.exit_code, result.output) == (0, "")
    twistd: Any = ran[0]
    assert (twistd["nodaemon"], twistd["pidfile"], twistd["logfile"]) == (1, "", None)
    assert twistd.loadedPlugins[twistd.subCommand].makeService.__module__ == "webproxy.tap"
    assert isinstance(twistd.subOptions, Options)
    assert twistd.subOptions.settings.port == 12345


def test_under_systemd_the_log_is_the_journal(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[usage.Options] = []
    monkeypatch.setattr(running, "runApp", ran.append)
    output = os.fstat(2)
    monkeypatch.setenv("JOURNAL_STREAM", f"{output.st_dev}:{output.st_ino}")
    CliRunner().invoke(main, ["run", "--internal", "8080", "--port=12345"])
    twistd: Any = ran[0]
    assert twistd["logger"] is observer
    assert logs_to_stdout(twistd)  # the banner is printed there: it needs no second telling


def test_errors_are_those_of_twistd_webproxy(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(running, "runApp", pytest.fail)
    words = ["--internal", "8080", "--port", "443", "--drain", "5"]
    result = CliRunner().invoke(main, ["run", *words])
    assert result.exit_code == 2
    with pytest.raises(SystemExit):
        Options().parseOptions(words)
    assert result.stderr == capsys.readouterr().err
    assert len(result.stderr.splitlines()) == 2
