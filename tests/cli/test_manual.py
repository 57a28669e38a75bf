"""The manual pages name every command and every setting, and man(7) takes them without a word."""

from __future__ import annotations

import shutil
import subprocess

import click
import pytest
from click.testing import CliRunner

from webproxy.cli.main import main
from webproxy.cli.manual import commands_page, settings_page
from webproxy.settings.options import OPTIONS


def test_every_setting_is_there() -> None:
    page = settings_page()
    missing = [option.name for option in OPTIONS if f".B {option.name.replace('-', chr(92) + '-')}\n" not in page]
    assert not missing
    assert ".B ports\n" in page


def test_every_command_is_there_with_its_options() -> None:
    page = commands_page(click.Context(main, info_name="webproxy"))
    assert ".SS webproxy config check [OPTIONS]\n" in page
    assert "\\-\\-internal WHERE\n" in page
    assert "webproxy manual" not in page, "a hidden command is told"


@pytest.mark.parametrize("page", ["webproxy.1", "webproxy.toml.5"])
def test_printed_pages_are_well_formed(page: str) -> None:
    text = CliRunner().invoke(main, ["manual", page]).output
    assert text.startswith(f".TH {page[:-2].upper()} {page[-1]} ")
    groff = shutil.which("groff")
    if groff is None:  # not everybody has it; what is checked above holds anyway
        return
    done = subprocess.run([groff, "-man", "-ww", "-z"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
