"""The manual pages, ``webproxy(1)`` and ``webproxy.toml(5)``: ``webproxy manual webproxy.1 | man -l -``.

Rule of this file: made from the commands and the table of options, whose sentences they are, as man(7) wants them; what
is true of files and exit statuses whatever the commands are is written here.
"""

from __future__ import annotations

import click

from webproxy.manual_page import commands, head, meaning, roff, sentences, terms
from webproxy.settings.options import OPTIONS
from webproxy.settings.port_range import DEFAULT

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
        *head("webproxy", 1, "User Commands", "public address for a web service on an internal port"),
        ".SH SYNOPSIS",
        ".B webproxy\n.I COMMAND\n[\\fIoptions\\fR]",
        ".SH DESCRIPTION",
        roff(sentences(command)),
        ".SH COMMANDS",
        *commands(click.Context(command, info_name="webproxy")),
        ".SH ENVIRONMENT",
        roff("Every setting can be said by a variable, too: WEBPROXY_ and its name in capitals (WEBPROXY_DRAIN)."),
        ".SH FILES",
        *terms(_FILES),
        ".SH EXIT STATUS",
        *terms(_STATUSES),
        ".SH SEE ALSO",
        ".BR webproxy.toml (5),\n.BR systemctl (1),\n.BR journalctl (1)",
    ]
    return "\n".join(lines)


def settings_page() -> str:
    """Write ``webproxy.toml(5)``."""
    lines = [
        *head("webproxy.toml", 5, "File Formats", "settings of webproxy"),
        ".SH SYNOPSIS",
        *(f".I {roff(name)}\n.br" for name, _ in _FILES[:2]),
        ".SH DESCRIPTION",
        roff(
            "TOML files; what an instance's own file says is stronger than what webproxy.toml says of all. An option "
            "of the command line is stronger than a variable of the environment, and that than any file."
        ),
        ".PP",
        roff("webproxy config check says what is wrong, webproxy config show whose word holds."),
        ".SH KEYS",
        *terms((option.name, meaning(option)) for option in OPTIONS),
        ".SH KEYS OF WEBPROXY.TOML ONLY",
        *terms([("ports", f'The ports that new instances take theirs from. Default: "{DEFAULT}".')]),
        ".SH SEE ALSO",
        ".BR webproxy (1)",
    ]
    return "\n".join(lines)
