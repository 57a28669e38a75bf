"""``webproxy add``: a new instance: its file, its unit, its banner.

Rule of this file: asks, decides and says; what is written where is ``instances``'. Asked for twice, it is there once:
what is there already as it was asked for is told, and nothing is written.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import bcrypt
import click

from webproxy.access.htpasswd import COST, parse, with_user
from webproxy.access.wrong_lines import WrongLinesError
from webproxy.cli.instance import Place, left_undone, run_it, tell
from webproxy.cli.words import WordsCommand, as_json, table
from webproxy.errors import SettingsError
from webproxy.instances.files import TakenError
from webproxy.instances.free_port import ROUTERS, check_free, free_port
from webproxy.instances.written import new_text
from webproxy.net.destination import Tcp
from webproxy.observe.banner import banner
from webproxy.observe.survey import survey
from webproxy.settings.destinations import destinations
from webproxy.settings.from_files import read_defaults
from webproxy.settings.password import with_password
from webproxy.settings.places import DEFAULTS
from webproxy.settings.rewritten import read_whole, rewrite
from webproxy.settings.settle import Given, settle
from webproxy.settings.words import read_words
from webproxy.settings.wrong import TextError
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from webproxy.instances.files import Folder
    from webproxy.settings.model import Settings

AUTO = "auto"
"""As a port: a free one of the range ``ports``."""

#: What a unit cannot be asked for: a user with a password becomes a file of users.
_OF_A_TERMINAL = ("user", "password-file")


class Login(NamedTuple):
    """The one user that ``--user`` names.

    :ivar user: the name.
    :ivar password: of that user.
    """

    user: bytes
    password: bytes


@click.command(cls=WordsCommand, params=table(port=AUTO), epilog="--port auto takes a free port of the range ports.")
def add(words: list[str]) -> None:
    """Add an instance and start it, as in: webproxy add --internal 8080 --port auto --user anna.

    --json prints JSON. Exit status: 0 when the instance is there, 1 when it did not start, 2 when a setting is wrong.
    """
    words, json = as_json(words)
    place = Place()
    said = _said(words)
    wanted = said.pop("port", Given((AUTO,), "--port"))
    login = _login(place.folder, said)
    while True:
        port = _port(place.folder, wanted, said, login)
        made = port not in place.folder.ports()
        try:
            if made:
                _create(place.folder, port, said, login)
            else:
                _check_same(place.folder, port, said, login)
            break
        except TakenError:  # by another add, since we looked
            if wanted.texts[0] != AUTO:
                raise
    _tell(place, port, made, json)


def _said(words: list[str]) -> dict[str, Given]:
    """Read the words."""
    said = read_words(words)
    if "config" in said:
        raise SettingsError("--config", "an instance has a file of its own", "leave it out")
    return said


def _login(folder: Folder, said: dict[str, Given]) -> Login | None:
    """Obtain the password of ``--user``, and leave what a unit could not be told out of ``said``."""
    if "user" not in said:
        return None
    settings = _settled(folder, said, _any_port(said))
    credentials = with_password(settings, os.environ).credentials
    for name in _OF_A_TERMINAL:
        said.pop(name, None)
    if credentials is None or credentials.password is None:  # pragma: no cover - with_password sees to it
        return None
    return Login(credentials.user.encode(), bytes(credentials.password))


def _settled(folder: Folder, said: Mapping[str, Given], port: int) -> Settings:
    """Check what was said, together with the defaults."""
    defaults, _ = read_defaults(folder.path / DEFAULTS)
    own = {**said, "port": Given((str(port),), "--port")}
    return settle(own, defaults.given, wrong=defaults.wrong)


def _port(folder: Folder, wanted: Given, said: Mapping[str, Given], login: Login | None) -> int:
    """Find the port: the one that was asked for, that of an instance which is the same already, or a free one."""
    if wanted.texts[0] != AUTO:
        settings = settle({**said, "port": wanted}, read_defaults(folder.path / DEFAULTS)[0].given)
        if settings.port not in folder.ports():
            check_free(settings.port, settings.listen)
        return settings.port
    configured = folder.ports()
    for port in configured:
        if not _differences(folder, port, said, login):
            return port
    others = {*configured, *_inner_ports(said)}
    listen = _settled(folder, said, _any_port(said)).listen
    return free_port(folder.range(), others, listen)


def _inner_ports(said: Mapping[str, Given]) -> set[int]:
    """Give the ports that the service itself has, or will have once it is up."""
    try:
        where = destinations(said["internal"].texts[0]) if "internal" in said else ()
    except TextError:  # told when all is settled
        return set()
    return {place.port for place in where if isinstance(place, Tcp)}


def _any_port(said: Mapping[str, Given]) -> int:
    """Give a port to settle everything else with, before there is one."""
    return next(port for port in range(1, ROUTERS) if port not in _inner_ports(said))


def users_file(folder: Folder, port: int) -> Path:
    """Give the file of the users of an instance, beside its settings."""
    return folder.file(port).with_suffix(".users")


def _create(folder: Folder, port: int, said: Mapping[str, Given], login: Login | None) -> None:
    """Write the files of a new instance; its settings first, so that nobody's users become another's."""
    _settled(folder, said, port)
    file = users_file(folder, port)
    if login is None:
        folder.create(port, new_text(port, said))
        return
    if file.exists():
        raise SettingsError(str(file), "is there already", "move it away, or name it with --htpasswd")
    kept = bcrypt.hashpw(login.password, bcrypt.gensalt(COST))
    folder.create(port, new_text(port, {**said, "htpasswd": Given((str(file),), "--user")}))
    rewrite(file, lambda _: with_user(b"", login.user, kept))


def _check_same(folder: Folder, port: int, said: Mapping[str, Given], login: Login | None) -> None:
    """Check that an instance that is there already is what was asked for.

    :raises SettingsError: it is another one.
    """
    if others := _differences(folder, port, said, login):
        what = f"{port} is an instance already, with other settings ({', '.join(others)})"
        raise SettingsError("--port", what, f"webproxy set {port} key=value changes them; or choose another port")


def _differences(folder: Folder, port: int, said: Mapping[str, Given], login: Login | None) -> list[str]:
    """Name the options that an instance's own file says otherwise."""
    try:
        there = {name: given.texts for name, given in folder.said(port).items() if name != "port"}
    except SettingsError:  # it cannot even be read
        return ["all"]
    asked = {name: given.texts for name, given in said.items()}
    if login is not None:
        file = users_file(folder, port)
        asked["htpasswd"] = (str(file),)
        if there.get("htpasswd") == asked["htpasswd"] and not _lets_in(file, login):
            return ["user"]
    return sorted(name for name in there.keys() | asked.keys() if there.get(name) != asked.get(name))


def _lets_in(file: Path, login: Login) -> bool:
    """Tell whether a file of users has this one, with this password."""
    try:
        kept = parse(read_whole(file), str(file)).get(login.user)
    except (SettingsError, WrongLinesError):
        return False
    return kept is not None and bcrypt.checkpw(login.password, kept)


def _tell(place: Place, port: int, made: bool, json: bool) -> None:
    """Start what was made, and say what is there now."""
    settings, file = place.folder.settings(port), place.folder.file(port)
    surroundings = survey(settings)
    undone = left_undone(place.units.not_changed(), "not started", f"start it with {run_it(file)}")
    if made and not undone:
        place.units.enable(port, settings.listen)
    told = {
        "port": port,
        "internal": str(settings.internal[0]),
        "public": settings.public_url,
        "file": str(file),
        "made": made,
        "started": made and not undone,
        "undone": undone if made else "",
    }
    lines = [*banner(version(), settings, surroundings), f"  settings     {file}"]
    if not made:
        lines = [f"instance {port} is there already, as you want it: {file}"]
    tell(json, told, *lines, f"  {undone}" if made and undone else "")
