"""The store as commands open it: beside a router that runs, or without one.

Rule of this file: what all commands share: the options --state and --json, and the store behind the first. Root opens
it as the user whose folder it is: a file of root's own there would keep the router out.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from webproxy.errors import SettingsError, StartError
from webproxy.router.options import STATE, folder
from webproxy.router.state import STORE
from webproxy.router.store import Store
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

in_state = click.option(
    "--state",
    default=lambda: os.environ.get("STATE_DIRECTORY", STATE),
    metavar="FOLDER",
    help=f"The folder of the router's state; {STATE}, if nothing else is said.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@contextmanager
def store_in(state: str, *, make: bool = False) -> Iterator[Store]:
    """Open the store in a folder.

    :param make: it is made if it is not there.
    :raises SettingsError: there is none.
    :raises StartError: it cannot be used.
    """
    try:
        path = folder(state) / STORE
        if make:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        elif not path.is_file():
            raise SettingsError("--state", f"there is no {path}", "give the --state of the router, as who runs it")
    except TextError as wrong:
        raise SettingsError("--state", wrong.what, wrong.right) from None
    except OSError as error:
        raise StartError(f"{state} cannot be used: {error.strerror}") from error
    with as_owner(path.parent):
        store = Store(path)
        try:
            yield store
        finally:
            store.close()


@contextmanager
def as_owner(folder: Path) -> Iterator[None]:
    """Be the user whose folder it is, meanwhile, if we are root.

    :raises StartError: it cannot be looked at.
    """
    try:
        owner = folder.stat()
    except OSError as error:
        raise StartError(f"{folder} cannot be used: {error.strerror}") from error
    before = os.geteuid(), os.getegid()
    if before[0] != 0 or owner.st_uid == 0:
        yield
        return
    os.setegid(owner.st_gid)
    os.seteuid(owner.st_uid)
    try:
        yield
    finally:
        os.seteuid(before[0])
        os.setegid(before[1])
