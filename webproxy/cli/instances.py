"""``webproxy list|show|status|enable|disable|remove|logs``: the instances of this machine, or of this user.

Rule of this file: one small command each; what it cannot do here, it says, and what to do instead.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import click

from webproxy.cli.add import users_file
from webproxy.cli.endpoint import find
from webproxy.cli.instance import Place, json_option, left_undone, port_argument, run_it, tell
from webproxy.cli.watching import watch
from webproxy.errors import SettingsError, StartError
from webproxy.instances.state import state_of
from webproxy.instances.units import service_unit
from webproxy.settings.from_files import read_defaults
from webproxy.settings.places import DEFAULTS
from webproxy.settings.shown import shown

if TYPE_CHECKING:
    from webproxy.instances.state import State
    from webproxy.observe.admin_client import AdminClient
    from webproxy.settings.model import Settings

NOT_SERVED = 3
"""Exit status of ``status`` when an instance is not served: as systemctl's, for a unit that does not run."""


def _states(place: Place, ports: list[int]) -> list[State]:
    units = None if place.units.not_seen() else place.units
    return [state_of(port, place.folder, _ask, units) for port in ports]


def _ask(settings: Settings) -> dict[str, Any] | None:
    """Ask an instance how it is, at its admin endpoint."""
    place = "" if settings.admin in ("auto", "none") else str(settings.admin)
    try:
        return find(settings.port, place, settings.admin_token_file).now()
    except (SettingsError, StartError, OSError, ValueError):
        return None


def _endpoint(port: int | None, admin: str, token_file: str) -> AdminClient:
    """Find the endpoint of what is to be watched: as told, as the instance's file has it, or in the usual place.

    :raises StartError: there is none, or more than one.
    """
    folder = Place().folder
    if port is not None and not admin and port in folder.ports():
        settings = folder.settings(port)
        if settings.admin not in ("auto", "none"):
            return find(port, str(settings.admin), settings.admin_token_file)
    return find(port, admin, token_file)


@click.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the instances, a line each."""
    place = Place()
    states = _states(place, place.folder.ports())
    if as_json:
        click.echo(json.dumps([state._asdict() for state in states]))
    elif states:
        for state in states:
            click.echo(state.line)
    else:
        click.echo(f"there is no instance in {place.folder.path} yet; webproxy add makes one")


@click.command()
@port_argument
@json_option
def show(port: int, *, as_json: bool) -> None:
    """Show every setting of an instance as it holds, and whose word it is; secrets are not shown."""
    place = Place()
    place.folder.settings(port)
    rows = shown((place.folder.said(port), read_defaults(place.folder.path / DEFAULTS)[0].given))
    if as_json:
        click.echo(json.dumps([row._asdict() for row in rows]))
        return
    width = max(len(row.name) for row in rows)
    for row in rows:
        click.echo(f"{row.name:<{width}}  {' '.join(row.texts) or 'nothing'}  ({row.where})")


@click.command()
@click.argument("port", required=False, type=click.IntRange(1, 65535))
@json_option
@click.option("--watch", "watches", is_flag=True, help="Show what flows, anew each second, as webproxy live does.")
@click.option("--admin", metavar="PLACE", default="", help="With --watch: where its admin endpoint is.")
@click.option("--admin-token-file", metavar="FILE", default="", help="With --watch: the token that is wanted there.")
@click.pass_context
def status(
    ctx: click.Context, port: int | None, *, as_json: bool, watches: bool, admin: str, admin_token_file: str
) -> None:
    """Say how instances are: where they lead, their padlock, what is live.

    Exit status: 0 when all of them are served, 3 when one is not.
    """
    if watches:
        watch(_endpoint(port, admin, admin_token_file))
        return
    place = Place()
    if port is not None:
        place.folder.existing(port)
    states = _states(place, [port] if port is not None else place.folder.ports())
    if as_json:
        click.echo(json.dumps([state._asdict() for state in states]))
    else:
        for state in states:
            for line in (
                state.line,
                f"  {state.beside}" if state.beside else "",
                *(f"  {line}" for line in state.wrong),
            ):
                if line:
                    click.echo(line)
        if why := place.units.not_seen():
            click.echo(f"webproxy: {why}: what is live is seen by whoever listens", err=True)
    ctx.exit(0 if all(state.live == "serving" for state in states) else NOT_SERVED)


@click.command()
@port_argument
@json_option
def enable(port: int, *, as_json: bool) -> None:
    """Start an instance, now and whenever the machine starts."""
    place = Place()
    settings = place.folder.settings(port)
    _needs_units(place, f"start it with {run_it(place.folder.file(port))}")
    place.units.enable(port, settings.listen)
    tell(as_json, {"port": port, "enabled": True}, f"instance {port} runs, and starts with the machine")


@click.command()
@port_argument
@json_option
def disable(port: int, *, as_json: bool) -> None:
    """Stop an instance, now and for good; its settings stay."""
    place = Place()
    place.folder.existing(port)
    _needs_units(place, "stop the process that runs it")
    place.units.disable(port)
    tell(as_json, {"port": port, "enabled": False}, f"instance {port} is stopped, and does not start with the machine")


def _needs_units(place: Place, instead: str) -> None:
    """Refuse what only systemd could do.

    :raises StartError: it cannot be asked.
    """
    if why := place.units.not_changed():
        raise StartError(why, instead)


@click.command()
@port_argument
@json_option
def remove(port: int, *, as_json: bool) -> None:
    """Stop an instance and take its settings out of the way; the file stays beside the others, as PORT.toml.removed."""
    place = Place()
    place.folder.existing(port)
    undone = left_undone(place.units.not_changed(), "not stopped", "stop the process that runs it")
    if not undone:
        place.units.disable(port)
        place.units.bind_to(port, ())
    aside = place.folder.put_aside(port)
    users = users_file(place.folder, port)
    if users.exists():
        users.rename(aside.with_suffix(f"{aside.suffix}.users"))
    told = {"port": port, "kept": str(aside), "undone": undone}
    tell(as_json, told, f"instance {port} is removed; its settings are kept in {aside}", undone)


@click.command()
@port_argument
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many of the last lines.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, an object a line, as journalctl does.")
def logs(port: int, *, follow: bool, lines: int, as_json: bool) -> None:
    """Show what an instance has logged, as systemd's journal has it."""
    place = Place()
    settings = place.folder.settings(port)
    if why := place.units.not_seen():
        log = settings.access_log
        where = f"its access log is {log}" if log not in ("-", "none") else "it logs where it was started"
        raise StartError(f"there is no journal of it: {why}", where)
    words = ["journalctl", "--no-pager", "--unit", service_unit(port), "--lines", str(lines)]
    os.execvp(words[0], [*words, *(["--follow"] if follow else []), *(["--output=json"] if as_json else [])])  # noqa: S606 - our own words
