"""What packages and shells want of ``webproxy-router``: its manual pages, and the completion of its words.

Rule of this file: made from the commands and the table of options, whose sentences they are; what is true of files and
exit statuses whatever the commands are is written here.
"""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from webproxy.manual_page import commands, head, meaning, roff, sentences, terms
from webproxy.router.options import OPTIONS

NAME = "webproxy-router"
VARIABLE = "_WEBPROXY_ROUTER_COMPLETE"

_FILES = (
    ("/etc/webproxy-router/router.toml", "Its settings; see webproxy-router.toml(5)."),
    ("/var/lib/webproxy-router", "What it must not forget: names, tokens, certificates and their keys."),
    ("/run/webproxy-router/admin.sock", "Its admin endpoint: metrics, and what status, certificates, renew, live ask."),
)
STATUSES = (
    ("0", "It is done; with status and certificates: all is well."),
    ("1", "It failed; standard error says why in a sentence."),
    ("2", "A word, a setting or a file is wrong; standard error says which, and what would be right."),
    ("3", "status, certificates, renew, live: the router does not run, or does not answer."),
    ("4", "status, certificates: an alarm. A certificate ends soon, or has failed, and could not be renewed."),
)


@click.command(hidden=True)
@click.argument("page", type=click.Choice([f"{NAME}.1", f"{NAME}.toml.5"]))
@click.pass_context
def manual(ctx: click.Context, page: str) -> None:
    """Print a manual page."""
    click.echo(commands_page(ctx.find_root()) if page.endswith(".1") else settings_page())


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print what completes words in a SHELL, as in: source <(webproxy-router completion bash)."""
    completer = get_completion_class(shell)
    if completer is not None:
        whole = completer(ctx.find_root().command, {}, NAME, VARIABLE)
        click.echo(whole.source_template % whole.source_vars())


def commands_page(root: click.Context) -> str:
    """Write ``webproxy-router(1)``.

    :param root: the context of the whole command.
    """
    command = root.command
    lines = [
        *head(NAME, 1, "User Commands", "public https names for the machines of a network"),
        ".SH SYNOPSIS",
        ".B webproxy\\-router\n.I COMMAND\n[\\fIoptions\\fR]",
        ".SH DESCRIPTION",
        roff(sentences(command)),
        ".PP",
        roff(
            "As a service: write /etc/webproxy-router/router.toml, then systemctl enable --now webproxy-router. "
            "Commands of root's work on its state as its own user does."
        ),
        ".SH COMMANDS",
        *commands(click.Context(command, info_name=NAME)),
        ".SH FILES",
        *terms(_FILES),
        ".SH EXIT STATUS",
        *terms(STATUSES),
        ".SH SEE ALSO",
        ".BR webproxy\\-router.toml (5),\n.BR webproxy (1),\n.BR systemctl (1),\n.BR journalctl (1)",
    ]
    return "\n".join(lines)


def settings_page() -> str:
    """Write ``webproxy-router.toml(5)``."""
    lines = [
        *head(f"{NAME}.toml", 5, "File Formats", "settings of webproxy-router"),
        ".SH SYNOPSIS",
        f".I {roff(_FILES[0][0])}",
        ".SH DESCRIPTION",
        roff("A file in TOML. An option of the command line is stronger than what stands here."),
        ".PP",
        roff("The service reads it at its start: systemctl restart webproxy-router after a change."),
        ".SH KEYS",
        *terms((option.name, meaning(option)) for option in OPTIONS),
        ".SH SEE ALSO",
        ".BR webproxy\\-router (1)",
    ]
    return "\n".join(lines)
