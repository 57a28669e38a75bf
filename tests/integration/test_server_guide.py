"""What the guide for servers tells people to type does what it says, in the order in which it says so."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner

from tests.instances.systemctl import Systemctl
from webproxy.cli.main import main
from webproxy.instances.files import Folder

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "run-on-a-server.md"


def commands() -> list[list[str]]:
    """What stands behind a # in its console blocks: commands of root's."""
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in re.findall(r"^# (.+)", block, re.MULTILINE)]


def test_the_guide_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    systemctl = Systemctl(tmp_path, monkeypatch)
    systemctl.shows("active")
    monkeypatch.setenv("WEBPROXY_PASSWORD", "correct horse")
    monkeypatch.setattr("webproxy.instances.free_port.can_be_bound", lambda port, listen: True)
    monkeypatch.setattr("os.execvp", lambda program, words: None)
    folder = Folder(tmp_path / "webproxy")
    typed = commands()
    assert len(typed) >= 9
    for words in typed:
        if words[0] == "systemctl":
            assert words == ["systemctl", "reload", "webproxy@12000"]
            continue
        result = CliRunner().invoke(main, [word.replace("/etc/webproxy", str(folder.path)) for word in words[1:]])
        assert (result.exit_code, result.stderr) == (0, ""), words
        if words[1] == "add":
            assert folder.ports() == [12000]
        if words[1] == "status":
            assert result.stdout == "8080 -> 12000  open  serving\n"
    assert folder.ports() == []
    text = (folder.path / "instances" / "12000.toml.removed").read_text()
    assert 'public-url = "https://gpu.example.com"' in text
    assert "drain" not in text
    assert [line.split()[0] for line in systemctl.told()] == [
        "enable",
        "reload",
        "reload",
        "reload",
        "disable",
        "reset-failed",
        "disable",
        "reset-failed",
    ]


def test_the_defaults_that_it_shows_are_right(tmp_path: Path) -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    (tmp_path / "webproxy.toml").write_text(block)
    folder = Folder(tmp_path)
    folder.create(12345, "internal = 8080\n")
    assert folder.range() == range(12000, 12100)
    assert (folder.settings(12345).wait_upstream, folder.settings(12345).log_format) == (120, "json")
