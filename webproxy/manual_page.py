"""Manual pages as man(7) wants them, from click's commands and tables of options.

Rule of this file: how a page is written; what it says stands where the commands and options do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from webproxy.settings.option import Option


def head(name: str, section: int, title: str, what: str) -> Iterator[str]:
    """Begin a page."""
    yield f'.TH {name.upper()} {section} "" "webproxy {version()}" "{title}"'
    yield ".SH NAME"
    yield roff(f"{name} - {what}")


def commands(ctx: click.Context) -> Iterator[str]:
    """Write every command below a group, with its options."""
    group = ctx.command
    for name in group.list_commands(ctx) if isinstance(group, click.Group) else ():
        command = group.get_command(ctx, name)  # type: ignore[attr-defined] # only a group lists commands
        if command is None or command.hidden:
            continue
        below = click.Context(command, info_name=name, parent=ctx)
        yield f".SS {roff(' '.join([below.command_path, *command.collect_usage_pieces(below)]))}"
        yield roff(sentences(command))
        yield from terms(_options(below))
        yield from commands(below)


def _options(ctx: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in ctx.command.params:
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)):
            yield record


def meaning(option: Option) -> str:
    """Say what a key means, and what it is when nobody says anything."""
    end = f" Default: {option.default}." if option.default else ""
    if option.required:
        end = " Must be given."
    return f"{option.help} Written as {option.metavar}{', or a list of these' if option.repeatable else ''}.{end}"


def sentences(command: click.Command) -> str:
    """Give what a command says of itself."""
    return " ".join((command.help or "").split())


def terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write names with what they mean."""
    for name, meant in pairs:
        yield f".TP\n.B {roff(name)}\n{roff(meant)}"


def roff(text: str) -> str:
    """Escape what man(7) would take for its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{text}" if text.startswith(".") else text
