"""How manual pages are written: whatever a command says, it stays text."""

from __future__ import annotations

import click

from webproxy.manual_page import commands, meaning
from webproxy.settings.option import Option


def test_lines_cannot_become_requests() -> None:
    @click.command(help=".so /etc/passwd says 'it' \\ and goes on")
    def command() -> None: ...

    page = "\n".join(commands(click.Context(click.Group("g", commands={"c": command}), info_name="g")))
    assert "\\&.so /etc/passwd says \\(aqit\\(aq \\e and goes on" in page


def test_what_is_hidden_is_not_told() -> None:
    group = click.Group("g", commands={"c": click.Command("c", hidden=True)})
    assert list(commands(click.Context(group, info_name="g"))) == []


def test_a_key_says_how_it_is_written() -> None:
    option = Option(name="port", metavar="PORT", help="Where.", parse=str, default="443")
    assert meaning(option) == "Where. Written as PORT. Default: 443."
    needed = Option(name="net", metavar="NET", help="Whose.", parse=str, required=True, repeatable=True)
    assert meaning(needed) == "Whose. Written as NET, or a list of these. Must be given."
