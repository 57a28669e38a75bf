"""Finding the admin endpoint of a webproxy that runs on this machine: for ``live``, ``status``, ``doctor``.

Rule of this file: looks for sockets in the usual folders; what is asked there is somebody else's.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from webproxy.errors import SettingsError, StartError
from webproxy.net.destination import Unix
from webproxy.observe.admin_client import AdminClient
from webproxy.settings.admin import MACHINE, admin, usual
from webproxy.settings.files import readable_file
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Mapping


def find(port: int | None, place: str = "", token_file: str = "") -> AdminClient:
    """Find the endpoint.

    :param port: the external port; None where there is only one webproxy.
    :param place: where it is, as ``--admin`` has it; empty for the usual place.
    :param token_file: holds what is wanted there over TCP.
    :raises SettingsError: the place is none.
    :raises StartError: there is none, or more than one.
    """
    if not place:
        return AdminClient(Unix(str(_usual(port, os.environ))))
    try:
        read = admin(place)
        token = Path(readable_file(token_file)).read_text().strip() if token_file else ""
    except TextError as wrong:
        raise SettingsError("--admin", wrong.what, wrong.right) from wrong
    if isinstance(read, str):
        raise SettingsError("--admin", f"{place!r} is no place", "give unix:/path or 127.0.0.1:PORT")
    return AdminClient(read, token)


def _usual(port: int | None, environ: Mapping[str, str]) -> Path:
    """Find a socket in the user's own folder, or the machine's."""
    own = usual(port or 0, environ)
    folders = dict.fromkeys([*([Path(own.path).parent] if own else []), Path(MACHINE)])
    there = [path for folder in folders for path in sorted(folder.glob("*.sock")) if path.stem.isdecimal()]
    if port is not None:
        there = [path for path in there if path.stem == str(port)]
    if len(there) == 1:
        return there[0]
    if not there:
        which = f"for port {port}" if port is not None else "on this machine"
        raise StartError(f"no webproxy {which} has an admin endpoint in {' or '.join(map(str, folders))}")
    raise StartError(
        f"webproxy runs for ports {', '.join(path.stem for path in there)}", "name one, as in webproxy live 12345"
    )
