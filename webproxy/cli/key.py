"""``webproxy key add|list|revoke``: API keys.

Rule of this file: a key is printed once, by ``add``, alone on standard output, and written nowhere.
"""

from __future__ import annotations

import json
import os
import secrets
import time
from math import inf
from pathlib import Path

import click

from webproxy.access.keys import BITS, Key, digest_of, expiry_written, format_keys, is_name, key_of, parse
from webproxy.access.wrong_lines import WrongLinesError
from webproxy.errors import SettingsError
from webproxy.settings.expiry import expiry
from webproxy.settings.places import folder
from webproxy.settings.rewritten import read_whole, rewrite
from webproxy.settings.wrong import TextError, near_miss

#: The option that all three share.
in_file = click.option(
    "--keys",
    "file",
    type=click.Path(path_type=Path),
    help="The file of keys; without it, keys beside the settings files (/etc/webproxy, or ~/.config/webproxy).",
)


@click.group()
def key() -> None:
    """Make, list and revoke API keys."""


@key.command()
@click.argument("name")
@click.option("--expires", default="never", metavar="WHEN", help="90d or 12h from now on, a date, or never.")
@click.option("--note", default="", metavar="TEXT", help="A remark for you.")
@in_file
def add(name: str, expires: str, note: str, file: Path | None) -> None:
    """Make a key, and print it: this once, for only its hash is kept."""
    if not is_name(name):
        right = "write letters, digits and . _ - @, at most 64, as in laptop"
        raise SettingsError("NAME", f"{name!r} is not a name for a key", right)
    if not note.isprintable():
        raise SettingsError("--note", "contains a control character", "write one line of text")
    secret = key_of(secrets.randbits(BITS))
    made = Key(name, digest_of(secret), _expiry(expires), note.strip())
    path = _file(file, make=True)
    rewrite(path, lambda before: format_keys([*_without_twin(_parsed(path, before), name, path), made]))
    click.echo(secret.decode())
    click.echo(f"{path}: {name} is added; the key above is not shown again", err=True)


@key.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array; expires in seconds since 1970, or null.")
@in_file
def list_keys(*, as_json: bool, file: Path | None) -> None:
    """List the keys that there are."""
    path = _file(file)
    found = _parsed(path, read_whole(path))
    if as_json:
        click.echo(json.dumps([_told_of(one) for one in found]))
        return
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        click.echo(f"{one.name:<{width}}  {_expires(one):<29}  {one.note}".rstrip())


@key.command()
@click.argument("name")
@in_file
def revoke(name: str, file: Path | None) -> None:
    """Revoke a key: from a second later on nobody comes in with it."""
    path = _file(file)
    read_whole(path)
    rewrite(path, lambda before: format_keys(_without(_parsed(path, before), name, path)))
    click.echo(f"{path}: {name} is revoked")


def _file(file: Path | None, *, make: bool = False) -> Path:
    """Give the file of keys: the one that is named, or the usual one.

    :param make: the usual one's folder is made if it is not there.
    """
    if file is not None:
        return file
    usual = folder(os.environ)
    if make:
        usual.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    return usual / "keys"


def _parsed(path: Path, data: bytes) -> list[Key]:
    try:
        return parse(data)
    except WrongLinesError as error:
        line = error.wrong[0]
        raise SettingsError(f"{path}:{line.number}", line.what, line.right) from None


def _without_twin(found: list[Key], name: str, path: Path) -> list[Key]:
    if any(one.name == name for one in found):
        raise SettingsError(str(path), f"there is a key called {name}", "revoke it, or choose another name")
    return found


def _without(found: list[Key], name: str, path: Path) -> list[Key]:
    names = [one.name for one in found]
    if name not in names:
        meant = near_miss(name, names)
        right = f"did you mean {meant}?" if meant else "webproxy key list shows those there are"
        raise SettingsError(str(path), f"there is no key called {name!r}", right)
    return [one for one in found if one.name != name]


def _expiry(text: str) -> float:
    try:
        return expiry(text, time.time())
    except TextError as wrong:
        raise SettingsError("--expires", wrong.what, wrong.right) from None


def _expires(one: Key) -> str:
    written = expiry_written(one.expires)
    if one.expires == inf:
        return f"{written} expires"
    return f"{'expired' if one.expires <= time.time() else 'expires'} {written}"


def _told_of(one: Key) -> dict[str, object]:
    expires = None if one.expires == inf else one.expires
    return {"name": one.name, "expires": expires, "expired": one.expires <= time.time(), "note": one.note}
