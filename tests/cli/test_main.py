"""The group: help for those who ask, one sentence for those who slip."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner, Result

from webproxy.cli.main import Commands, main
from webproxy.errors import StartError


def invoke(*words: str, group: click.Group = main) -> Result:
    return CliRunner().invoke(group, words)


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_help(words: tuple[str, ...]) -> None:
    result = invoke(*words)
    assert result.exit_code == 0
    assert "  run " in result.output
    assert "  version " in result.output


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("rnu",), "webproxy: rnu: there is no such command; did you mean webproxy run?\n"),
        (("zebra",), "webproxy: zebra: there is no such command; webproxy --help lists those there are\n"),
        (("--zebra",), "webproxy: --zebra: there is no such option; webproxy --help lists what there is\n"),
        (("--version",), "webproxy: --version: there is no such option; did you mean webproxy version?\n"),
        (
            ("--internal", "8080"),
            (
                "webproxy: --internal: there is no such option; "
                "write it after the command, as in webproxy run --internal\n"
            ),
        ),
        (("version", "twice"), "webproxy: Got unexpected extra argument (twice)\n"),
        (("run", "8080"), "webproxy: '8080': an option must stand before this word; did you mean --internal 8080?\n"),
    ],
)
def test_a_slip_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    result = invoke(*words)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", sentence)


@click.group(cls=Commands)
def other() -> None:
    """Has commands that fail."""


@other.command()
def fails() -> None:
    """Fail as a start does."""
    raise StartError("port 1 is in use", "choose another")


@other.command()
def interrupted() -> None:
    """End as if by Ctrl-C."""
    raise KeyboardInterrupt


@other.command()
def unreadable() -> None:
    """Fail as click does with a file."""
    raise click.FileError("a.toml", "it is a folder")


@other.command()
def says_three() -> None:
    """Leave with a status of its own."""
    click.get_current_context().exit(3)


@pytest.mark.parametrize(
    ("word", "status", "told"),
    [
        ("fails", 1, "webproxy: port 1 is in use; choose another\n"),
        ("interrupted", 130, "\nwebproxy: interrupted\n"),
        ("unreadable", 1, "webproxy: Could not open file 'a.toml': it is a folder\n"),
        ("says-three", 3, ""),
    ],
)
def test_errors_of_a_command(word: str, status: int, told: str) -> None:
    result = invoke(word, group=other)
    assert (result.exit_code, result.stderr) == (status, told)
