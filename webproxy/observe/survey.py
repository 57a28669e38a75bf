"""Looks around once, before the start: whether the internal service is up, and who else can reach it.

Rule of this file: it may block, briefly, because the reactor does not run yet; it changes nothing and never fails.
"""

from __future__ import annotations

import socket
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from webproxy.net.destination import Tcp, Unix
from webproxy.net.local import is_local
from webproxy.net.owners import listens_beyond_loopback
from webproxy.observe.banner import Surroundings
from webproxy.settings.credentials import STDIN

if TYPE_CHECKING:
    from webproxy.net.destination import Destination
    from webproxy.settings.model import Settings

#: How long, in seconds, a host that does not answer may hold up the start (a name server that does not: longer).
PATIENCE = 1.0


def survey(settings: Settings) -> Surroundings:
    """Look around; before our own sockets are bound, which would be seen, too."""
    up = next((candidate for candidate in settings.internal if _answers(candidate)), None)
    place = settings.internal[0]
    exposed = listens_beyond_loopback(place.port) if isinstance(place, Tcp) and is_local(place.host) else []
    return Surroundings(up, exposed, _shared(settings))


def _shared(settings: Settings) -> str:
    """Give the file of the password, if every user of this machine may read it."""
    file = settings.credentials.password_file if settings.credentials is not None else ""
    try:
        return file if file and file != STDIN and Path(file).stat().st_mode & stat.S_IROTH else ""
    except OSError:
        return ""


def _answers(destination: Destination) -> bool:
    """Tell whether a connection comes about; it is closed without a byte."""
    try:
        if isinstance(destination, Unix):
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
                probe.settimeout(PATIENCE)
                probe.connect(destination.path)
        else:
            socket.create_connection((destination.host, destination.port), PATIENCE).close()
    except OSError:
        return False
    return True
