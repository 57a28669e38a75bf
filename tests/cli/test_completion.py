"""A shell completes commands, their options, and the ports of instances."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from tests.modules import with_modules
from webproxy.cli.main import main
from webproxy.instances.files import Folder

if TYPE_CHECKING:
    from pathlib import Path

# what bash does when somebody types the words and presses the tabulator
PRESSES = """
source <(webproxy completion bash)
COMP_WORDS=(webproxy {words}) COMP_CWORD={count}
_webproxy_completion webproxy
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_every_shell(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert "_WEBPROXY_COMPLETE" in result.stdout
    assert "webproxy" in result.stdout


def test_ports_are_those_of_instances(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(tmp_path))
    for port in (12345, 12346, 8000):
        Folder(tmp_path).create(port, "")
    items = ShellComplete(main, {}, "webproxy", "_WEBPROXY_COMPLETE").get_completions(["show"], "12")
    assert [item.value for item in items] == ["12345", "12346"]
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", "/dev/null")
    assert ShellComplete(main, {}, "webproxy", "_X").get_completions(["show"], "") == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [("sta", "plain,status"), ("completion f", "plain,fish"), ("add --upgr", "plain,--upgrade-drain")],
)
def test_bash_itself(words: str, expected: str, tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash, "Debian has it"
    program = tmp_path / "webproxy"
    program.write_text(f"#!{sys.executable}\nfrom webproxy.cli.main import main\nmain(prog_name='webproxy')\n")
    program.chmod(0o755)
    environ = with_modules(PATH=f"{tmp_path}:{os.environ['PATH']}")
    text = PRESSES.format(words=words, count=len(words.split()))
    done = subprocess.run([bash, "-c", text], env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.split() == [expected.partition(",")[2]], done.stderr
