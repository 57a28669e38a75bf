"""``webproxy-router status|certificates|renew|live``: how a running router is, asked at its admin endpoint.

Rule of this file: one small command each; the router is found by its state, where it wrote down who it is. Exit
statuses are for scripts: 3 when it does not run, 4 when a certificate is an alarm.
"""

from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from webproxy.errors import StartError
from webproxy.observe.admin_client import AdminClient
from webproxy.observe.page_site import opened
from webproxy.router.face.live_site import RouterLiveSite
from webproxy.router.opened import as_json, in_state, store_in
from webproxy.router.state import running
from webproxy.settings.admin import admin

if TYPE_CHECKING:
    from collections.abc import Mapping

NOT_RUNNING, ALARM = 3, 4


class NotRunning(StartError):  # noqa: N818 - as in errors.py
    """There is no router to ask."""

    exit_status = NOT_RUNNING


@click.command()
@in_state
@as_json
def status(*, state: str, as_json: bool) -> int:
    """Tell whether the router runs, how its certificates are, and how many machines are there.

    Exit status: 0 all is well, 3 it does not run, 4 a certificate ends soon or has failed.
    """
    with store_in(state) as store:
        names = store.names()
    told = running(Path(state))
    picture = _asked(told)
    live = picture["total"]["live"] if picture else sum(name.live(time.time()) for name in names)
    alarm = bool(picture and picture["alarm"])
    if as_json:
        certificates = picture["certificates"] if picture else []
        said = {"running": told, "names": len(names), "live": live, "alarm": alarm, "certificates": certificates}
        click.echo(json.dumps(said))
    elif told is None:
        click.echo("does not run")
    else:
        click.echo(f"runs (pid {told.get('pid')}), https on port {told.get('port')}")
        for line in _certificates(picture) if picture else ["its admin endpoint does not answer"]:
            click.echo(line)
    if not as_json:
        click.echo(f"{len(names)} names, {live} of them with a machine")
    return NOT_RUNNING if told is None else ALARM if alarm else 0


@click.command()
@in_state
@as_json
def certificates(*, state: str, as_json: bool) -> int:
    """Tell of every certificate: its state, until when it is good, and what the authority says.

    Exit status: 0 all is well, 3 the router does not run, 4 a certificate ends soon or has failed.
    """
    picture = _client(state).now()
    if as_json:
        click.echo(json.dumps(picture["certificates"]))
    else:
        for line in _certificates(picture):
            click.echo(line)
    return ALARM if picture["alarm"] else 0


@click.command()
@click.argument("name", default="")
@in_state
def renew(name: str, state: str) -> None:
    """Get the certificate of NAME anew, now; without a NAME, all of them. `certificates` tells what becomes of it."""
    body = json.dumps({"name": name} if name else {}).encode()
    answered, text = _client(state).ask("POST", "/api/renew", body)
    if answered != 202:
        raise StartError(text.decode(errors="replace").strip(), "webproxy-router certificates shows those there are")
    click.echo("it is being got; webproxy-router certificates tells what becomes of it")


@click.command()
@in_state
@click.option("--on", "on", type=click.IntRange(0, 65535), default=0, help="The loopback port to serve the page on.")
def live(state: str, on: int) -> None:
    """Show names and padlocks of the running router in a browser, and where to open it."""
    client = _client(state)
    client.now()  # a sentence now rather than on the page
    react(serve, (client, on))


def serve(reactor: Any, client: AdminClient, on: int = 0) -> Deferred[None]:
    """Serve the page until somebody interrupts.

    :param on: the port; 0 for one that is free.
    """
    for line in opened(reactor, RouterLiveSite(client, reactor), on):
        click.echo(line)
    return Deferred()


def _client(state: str) -> AdminClient:
    """Find the endpoint of the router that runs.

    :raises NotRunning: there is none.
    :raises StartError: it has no endpoint.
    """
    try:
        told = running(Path(state))
        client = _client_of(told) if told is not None else None
    except OSError as error:
        file = error.filename or state
        raise StartError(f"{file} cannot be read: {error.strerror}", "ask as root, or as the router's user") from error
    if told is None:
        raise NotRunning(f"no router runs with the state {state}", "give the --state of one that does")
    if client is None:
        raise StartError("the router has no admin endpoint", "leave --admin none out, and restart it")
    return client


def _client_of(told: Mapping[str, Any]) -> AdminClient | None:
    place = admin(str(told.get("admin") or "none"))
    if isinstance(place, str):
        return None
    file = str(told.get("admin_token_file") or "")
    return AdminClient(place, Path(file).read_text().strip() if file else "")


def _asked(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Ask a router how it is; None while it does not say."""
    try:
        client = _client_of(told) if told is not None else None
        return client.now() if client is not None else None
    except (StartError, OSError):
        return None


def _certificates(picture: Mapping[str, Any]) -> list[str]:
    """Say how certificates are, a line or two each."""
    lines = []
    for one in picture["certificates"]:
        words = [f"{', '.join(one['names'])}: {one['state']}"]
        if one["not_after"] is not None:
            words.append(f"good until {_moment(one['not_after'])}")
        if one["next_try"] is not None:
            words.append(f"next attempt {_moment(one['next_try'])}")
        lines.append(", ".join(words))
        if one["why"]:
            lines.append(f"  {one['why']}")
    return lines


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
