"""click shows the table of options and completes its names, but leaves the words alone."""

from __future__ import annotations

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from webproxy.cli.words import WordsCommand, table
from webproxy.settings.options import OPTIONS


@click.command(cls=WordsCommand, params=table())
def command(words: list[str]) -> None:
    """Print the words."""
    click.echo(words)


@pytest.mark.parametrize(
    "words", [[], ["--internal", "1", "-x", "--zebra=2"], ["--listen", "a", "--listen", "b", "--"]]
)
def test_words_pass_untouched(words: list[str]) -> None:
    result = CliRunner().invoke(command, words)
    assert (result.exit_code, result.output) == (0, f"{words}\n")


def test_help_shows_the_table() -> None:
    result = CliRunner().invoke(command, ["--zebra", "--help"], terminal_width=300)
    assert result.exit_code == 0
    for option in OPTIONS:
        assert f"--{option.name} {option.metavar}" in result.output
        assert option.help in result.output
    assert "[default: combined]" in result.output
    assert result.output.count("[required]") == 2


def test_a_shell_completes_names() -> None:
    completions = ShellComplete(command, {}, "command", "_COMPLETE").get_completions(["--internal", "8080"], "--on")
    assert [item.value for item in completions] == ["--on-disconnect"]
