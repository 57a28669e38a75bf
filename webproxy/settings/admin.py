"""Where the admin endpoint is: ``--admin auto``, ``none``, ``unix:/path``, ``127.0.0.1:9100``.

Rule of this file: text -> place; never an address that others can reach. Nothing is opened.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, TypeAlias

from webproxy.net.destination import Tcp, Unix
from webproxy.net.local import is_loopback
from webproxy.settings.destinations import LONGEST_PATH, destinations
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from collections.abc import Mapping

Admin: TypeAlias = Tcp | Unix | Literal["auto", "none"]

MACHINE = "/run/webproxy"


def admin(text: str) -> Admin:
    """Read where the admin endpoint is.

    :raises TextError: not a place, or one beyond loopback.
    """
    if text == "auto":
        return "auto"
    if text == "none":
        return "none"
    place = destinations(text)[0]
    if isinstance(place, Tcp) and not is_loopback(place.host):
        raise TextError(
            f"{text!r} can be reached from other machines", "give 127.0.0.1:PORT or unix:/path, and come through ssh"
        )
    return place


def usual(port: int, environ: Mapping[str, str]) -> Unix | None:
    """Give the place that ``auto`` means: ``/run/webproxy/12345.sock``, or the user's own runtime folder.

    :param port: the external port.
    :param environ: variables; ``RUNTIME_DIRECTORY`` (systemd.exec(5)) and ``XDG_RUNTIME_DIR`` count.
    :returns: None where there is no such folder.
    """
    folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if not folder and os.geteuid() == 0:
        folder = MACHINE
    if not folder and (own := environ.get("XDG_RUNTIME_DIR", "")):
        folder = f"{own}/webproxy"
    path = f"{folder}/{port}.sock"
    return Unix(path) if folder.startswith("/") and len(path.encode()) <= LONGEST_PATH else None
