"""The ``webproxy`` command: a group of small commands, one file each.

Rule of this file: gather the commands, and tell every error in one sentence; what a command does is its own file's.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from webproxy.cli.add import add
from webproxy.cli.change import set_
from webproxy.cli.classify import classify
from webproxy.cli.completion import completion
from webproxy.cli.config import config
from webproxy.cli.doctor import doctor
from webproxy.cli.instances import disable, enable, list_, logs, remove, show, status
from webproxy.cli.key import key
from webproxy.cli.live import live
from webproxy.cli.manual import manual
from webproxy.cli.passwd import passwd
from webproxy.cli.policies import policies
from webproxy.cli.run import run
from webproxy.cli.version import version
from webproxy.errors import SettingsError, StartError
from webproxy.settings.options import BY_NAME
from webproxy.settings.wrong import near_miss


class Commands(click.Group):
    """A group whose errors are sentences, without usage text: exit status 2 for words, 1 for what fails later."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that the words name.

        :raises SystemExit: always, with the exit status.
        """
        try:
            status = super().main(*args, **{**extra, "standalone_mode": False})
        except (SettingsError, StartError) as error:
            return _leave(str(error), error.exit_status)
        except click.NoSuchOption as error:
            return _leave(_no_such_option(error), 2)
        except click.ClickException as error:
            return _leave(error.format_message(), error.exit_code)
        except click.Abort:
            return _leave("interrupted", 130)
        return sys.exit(status if isinstance(status, int) else 0)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first word names.

        :raises SettingsError: there is none.
        """
        if self.get_command(ctx, args[0]) is None and not ctx.resilient_parsing:
            meant = near_miss(args[0], self.list_commands(ctx))
            right = f"did you mean webproxy {meant}?" if meant else "webproxy --help lists those there are"
            raise SettingsError(args[0], "there is no such command", right)
        return super().resolve_command(ctx, args)


def _no_such_option(error: click.NoSuchOption) -> str:
    """Answer an option that stands before a command, where only --help may stand."""
    name = error.option_name.lstrip("-")
    if name in BY_NAME:
        right = f"write it after the command, as in webproxy run --{name}"
    elif name in main.commands:
        right = f"did you mean webproxy {name}?"
    else:
        right = "webproxy --help lists what there is"
    return f"{error.option_name}: there is no such option; {right}"


def _leave(text: str, status: int) -> None:
    for line in text.splitlines():
        click.echo(f"webproxy: {line}", err=True)
    sys.exit(status)


@click.group(cls=Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(ctx: click.Context) -> None:
    """Give a web service on an internal port a public address."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for command in (
    add,
    classify,
    completion,
    config,
    disable,
    doctor,
    enable,
    key,
    list_,
    live,
    logs,
    manual,
    passwd,
    policies,
    remove,
    run,
    set_,
    show,
    status,
    version,
):
    main.add_command(command)
