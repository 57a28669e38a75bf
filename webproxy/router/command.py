"""The ``webproxy-router`` command: run the router, and look after its names and tokens.

Rule of this file: gather the commands, and tell every error in one sentence; what they do to the store, a running
router takes over within a second.
"""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any

import click
from twisted.application.service import ServiceMaker
from twisted.scripts.twistd import ServerOptions, runApp  # type: ignore[attr-defined] # public, but re-exported

from webproxy.errors import SettingsError, StartError
from webproxy.observe import journal
from webproxy.router.face.commands import certificates, live, renew, status
from webproxy.router.face.shell import completion, manual
from webproxy.router.opened import as_json, in_state, store_in
from webproxy.router.tokens import tokens
from webproxy.settings.wrong import near_miss

if TYPE_CHECKING:
    from webproxy.router.rows import Name
    from webproxy.router.store import Store

MAKER = ServiceMaker("webproxy-router", "webproxy.router.tap", "Public https names for machines.", "webproxy-router")


class Commands(click.Group):
    """A group whose errors are sentences: exit status 2 for words, 1 for what fails later."""

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that the words name.

        :raises SystemExit: always, with the exit status.
        """
        try:
            status = super().main(*args, **{**extra, "standalone_mode": False})
        except (SettingsError, StartError) as error:
            return _leave(str(error), error.exit_status)
        except click.ClickException as error:
            return _leave(error.format_message(), error.exit_code)
        except click.Abort:
            return _leave("interrupted", 130)
        return sys.exit(status if isinstance(status, int) else 0)


def _leave(text: str, status: int) -> None:
    for line in text.splitlines():
        click.echo(f"webproxy-router: {line}", err=True)
    sys.exit(status)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Give the machines of a network public https names."""


class _Foreground(ServerOptions):
    """twistd's options, with one subcommand: ours, whether Twisted can see the plug-in or not."""

    @property
    def subCommands(self) -> list[tuple[str, None, object, str]]:  # noqa: N802 - Twisted's name
        self.loadedPlugins = {MAKER.tapname: MAKER}
        return [(MAKER.tapname, None, MAKER.options, MAKER.description)]


@main.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
def run(words: tuple[str, ...]) -> None:
    """Run the router in the foreground; `run --help` lists its options. The same as: twistd -n webproxy-router ..."""
    twistd = _Foreground()
    twistd.parseOptions(["--nodaemon", "--pidfile=", *journal.words(), MAKER.tapname, *words])
    runApp(twistd)


@main.group()
def names() -> None:
    """List, release, block and unblock names."""


@names.command(name="list")
@in_state
@as_json
def list_names(*, state: str, as_json: bool) -> None:
    """List the names that there are."""
    with store_in(state) as store:
        found = store.names()
    if as_json:
        click.echo(json.dumps([_told_of(name) for name in found]))
        return
    now = time.time()
    for name in found:
        there = f"blocked: {name.blocked}" if name.blocked else "live" if name.live(now) else "away"
        click.echo(f"{name.name}  {name.tenant}  {name.address}:{name.port}  {there}")


@names.command()
@click.argument("name")
@in_state
def release(name: str, state: str) -> None:
    """Take a name away from its machine, for anybody to have; a machine that is there gets another one."""
    with store_in(state) as store:
        store.drop_name(_found(store, name).name)
    click.echo(f"{name} is free")


@names.command()
@click.argument("name")
@click.option("--reason", required=True, metavar="TEXT", help="Why; its machine is told, visitors are not.")
@in_state
def block(name: str, reason: str, state: str) -> None:
    """Switch a name off, and keep it from everybody; who is connected is cut within two seconds."""
    if not reason.strip() or not reason.isprintable():
        raise SettingsError("--reason", "says nothing, or not in one line", "write a few words")
    with store_in(state) as store:
        store.put_name(_found(store, name)._replace(blocked=reason.strip()))
    click.echo(f"{name} is blocked")


@names.command()
@click.argument("name")
@in_state
def unblock(name: str, state: str) -> None:
    """Switch a name on again."""
    with store_in(state) as store:
        store.put_name(_found(store, name)._replace(blocked=""))
    click.echo(f"{name} is on")


def _found(store: Store, name: str) -> Name:
    found = store.name(name)
    if found is None:
        meant = near_miss(name, (one.name for one in store.names()))
        right = f"did you mean {meant}?" if meant else "webproxy-router names list shows those there are"
        raise SettingsError(name, "there is no such name", right)
    return found


def _told_of(name: Name) -> dict[str, Any]:
    return {**name._asdict(), "machine": name.machine.hex(), "live": name.live(time.time())}


for command in (certificates, completion, live, manual, renew, status, tokens):
    main.add_command(command)
