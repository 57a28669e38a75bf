"""The router's manual pages name every command and setting; its words are completed."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest
from click.testing import CliRunner

from webproxy.router.command import main
from webproxy.router.face.shell import NAME, commands_page, settings_page
from webproxy.router.options import OPTIONS


def test_every_setting_is_there() -> None:
    page = settings_page()
    missing = [option.name for option in OPTIONS if f".B {option.name.replace('-', chr(92) + '-')}\n" not in page]
    assert not missing


def test_every_command_is_there() -> None:
    page = commands_page(click.Context(main, info_name=NAME))
    for words in ("tokens add", "names block", "status", "run"):
        assert f".SS webproxy\\-router {words} " in page
    assert "webproxy\\-router manual" not in page, "a hidden command is told"


@pytest.mark.parametrize("page", ["webproxy-router.1", "webproxy-router.toml.5"])
def test_printed_pages_are_well_formed(page: str) -> None:
    text = CliRunner().invoke(main, ["manual", page]).output
    assert text.startswith(f".TH {page[:-2].upper()} {page[-1]} ")
    groff = shutil.which("groff")
    if groff is None:  # not everybody has it; what is checked above holds anyway
        return
    done = subprocess.run([groff, "-man", "-ww", "-z"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_every_shell(shell: str) -> None:
    result = CliRunner().invoke(main, ["completion", shell])
    assert result.exit_code == 0
    assert "_WEBPROXY_ROUTER_COMPLETE" in result.stdout
