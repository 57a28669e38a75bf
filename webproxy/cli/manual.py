"""The manual pages, ``webproxy(1)`` and ``webproxy.toml(5)``: ``webproxy manual webproxy.1 | man -l -``.

Rule of this file: made from the commands and the table of options, whose sentences they are, as man(7) wants them; what
is true of files and exit statuses whatever the commands are is written here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from webproxy.settings.options import OPTIONS
from webproxy.settings.port_range import DEFAULT
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from webproxy.settings.options import Option

_FILES = (
    ("/etc/webproxy/webproxy.toml", "What holds for all instances; see webproxy.toml(5)."),
    ("/etc/webproxy/instances/PORT.toml", "An instance: the service on one external port."),
    ("/var/log/webproxy", "Access logs, when --access-log names a file there; otherwise they go to the journal."),
    ("/usr/local/lib/webproxy/policies", "Policies of third parties, installed on this machine."),
    ("/usr/lib/webproxy-policies", "Policies of third parties, from packages of their own."),
)
_STATUSES = (
    ("0", "It is done."),
    ("1", "It failed; standard error says why in a sentence."),
    ("2", "A word, a setting or a file is wrong; standard error says which, and what would be right."),
    ("3", "webproxy status: an instance is not served."),
)


@click.command(hidden=True)
@click.argument("page", type=click.Choice(["webproxy.1", "webproxy.toml.5"]))
@click.pass_context
def manual(ctx: click.Context, page: str) -> None:
    """Print a manual page."""
    click.echo(commands_page(ctx.find_root()) if page == "webproxy.1" else settings_page())


def commands_page(root: click.Context) -> str:
    """Write ``webproxy(1)``.

    :param root: the context of the whole command.
    """
    command = root.command
    lines = [
        *_head("webproxy", 1, "User Commands", "public address for a web service on an internal port"),
        ".SH SYNOPSIS",
        ".B webproxy\n.I COMMAND\n[\\fIoptions\\fR]",
        ".SH DESCRIPTION",
        _roff(_help(command)),
        ".SH COMMANDS",
        *_commands(click.Context(command, info_name="webproxy")),
        ".SH ENVIRONMENT",
        _roff("Every setting can be said by a variable, too: WEBPROXY_ and its name in capitals (WEBPROXY_DRAIN)."),
        ".SH FILES",
        *_terms(_FILES),
        ".SH EXIT STATUS",
        *_terms(_STATUSES),
        ".SH SEE ALSO",
        ".BR webproxy.toml (5),\n.BR systemctl (1),\n.BR journalctl (1)",
    ]
    return "\n".join(lines)


def settings_page() -> str:
    """Write ``webproxy.toml(5)``."""
    lines = [
        *_head("webproxy.toml", 5, "File Formats", "settings of webproxy"),
        ".SH SYNOPSIS",
        *(f".I {_roff(name)}\n.br" for name, _ in _FILES[:2]),
        ".SH DESCRIPTION",
        _roff(
            "TOML files; what an instance's own file says is stronger than what webproxy.toml says of all. An option "
            "of the command line is stronger than a variable of the environment, and that than any file."
        ),
        ".PP",
        _roff("webproxy config check says what is wrong, webproxy config show whose word holds."),
        ".SH KEYS",
        *_terms((option.name, _meaning(option)) for option in OPTIONS),
        ".SH KEYS OF WEBPROXY.TOML ONLY",
        *_terms([("ports", f'The ports that new instances take theirs from. Default: "{DEFAULT}".')]),
        ".SH SEE ALSO",
        ".BR webproxy (1)",
    ]
    return "\n".join(lines)


def _head(name: str, section: int, title: str, what: str) -> Iterator[str]:
    yield f'.TH {name.upper()} {section} "" "webproxy {version()}" "{title}"'
    yield ".SH NAME"
    yield _roff(f"{name} - {what}")


def _commands(ctx: click.Context) -> Iterator[str]:
    """Write every command below a group, with its options."""
    group = ctx.command
    for name in group.list_commands(ctx) if isinstance(group, click.Group) else ():
        command = group.get_command(ctx, name)  # type: ignore[attr-defined] # only a group lists commands
        if command is None or command.hidden:
            continue
        below = click.Context(command, info_name=name, parent=ctx)
        yield f".SS {_roff(' '.join([below.command_path, *command.collect_usage_pieces(below)]))}"
        yield _roff(_help(command))
        yield from _terms(_options(below))
        yield from _commands(below)


def _options(ctx: click.Context) -> Iterator[tuple[str, str]]:
    for parameter in ctx.command.params:
        if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)):
            yield record


def _meaning(option: Option) -> str:
    """Say what a key means, and what it is when nobody says anything."""
    end = f" Default: {option.default}." if option.default else ""
    if option.required:
        end = " Must be given."
    return f"{option.help} Written as {option.metavar}{', or a list of these' if option.repeatable else ''}.{end}"


def _help(command: click.Command) -> str:
    return " ".join((command.help or "").split())


def _terms(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Write names with what they mean."""
    for name, meaning in pairs:
        yield f".TP\n.B {_roff(name)}\n{_roff(meaning)}"


def _roff(text: str) -> str:
    """Escape what man(7) would take for its own."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{text}" if text.startswith(".") else text
