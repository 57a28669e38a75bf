"""Descriptors that somebody opened for us: systemd's socket activation (sd_listen_fds(3)), or the process before us.

Rule of this file: the environment says which descriptors there are; what is served on them is ``listen``'s. Whoever
starts us names them one after the other from 3 on (``LISTEN_FDS``, ``LISTEN_FDNAMES``) and says for which process they
are meant (``LISTEN_PID``), so that a child which inherited the variables by accident leaves them alone.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import StartError
from webproxy.net.address import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping, Sequence

FIRST = 3
"""SD_LISTEN_FDS_START: behind standard input, output and error."""

MOST = 64
"""More sockets than anybody means."""

AGREE = "let the socket unit and the settings say the same, or start webproxy without the socket unit"

ADMIN = "admin"
"""The name of the admin endpoint's socket, where that is a TCP port."""

UNNAMED = "unknown"
"""What sd_listen_fds_with_names(3) calls a descriptor that has no name."""


class Inherited(NamedTuple):
    """A socket that was handed down.

    :ivar name: as whoever handed it down calls it.
    :ivar sock: ours from here on, and closed on exec.
    """

    name: str
    sock: socket.socket


def take_inherited(environ: MutableMapping[str, str], pid: int, first: int = FIRST) -> list[Inherited]:
    """Take the sockets that were handed down, and their variables out of the environment.

    :param environ: variables.
    :param pid: our own process id.
    :param first: the number of the first descriptor.
    :returns: in their order; none, if they are not for us.
    :raises StartError: the variables say what cannot be, or a descriptor is not a socket.
    """
    count = environ.pop("LISTEN_FDS", "")
    meant = environ.pop("LISTEN_PID", "")
    names = environ.pop("LISTEN_FDNAMES", "").split(":")
    if meant != str(pid) or not count:
        return []
    if not count.isascii() or not count.isdecimal() or int(count) > MOST:
        raise StartError(f"LISTEN_FDS={count} is not a number of sockets", "whoever starts webproxy must say how many")
    numbers = range(first, first + int(count))
    return [
        Inherited(names[at] if at < len(names) and names[at] else UNNAMED, _socket(number))
        for at, number in enumerate(numbers)
    ]


def _socket(number: int) -> socket.socket:
    """Make a socket of a descriptor: Python asks the system of which family it is."""
    try:
        os.set_inheritable(number, False)
        return socket.socket(fileno=number)
    except OSError as error:
        what = f"descriptor {number}, which was handed down, is not a socket: {error.strerror}"
        raise StartError(what, "look at the socket unit, or at whoever started webproxy") from error


def named(inherited: Iterable[Inherited], name: str) -> socket.socket | None:
    """Give the socket that was handed down under a name; None if there is none."""
    return next((one.sock for one in inherited if one.name == name), None)


def check_inherited(sockets: Sequence[socket.socket], port: int, listen: Sequence[str] = ()) -> None:
    """Check that what was handed down is what the settings ask for.

    :param port: the external port; 0 for whichever it is.
    :param listen: the addresses to listen on; empty for all.
    :raises StartError: it is something else.
    """
    for sock in sockets:
        if not is_listening(sock):
            raise StartError("a socket was handed down that takes no connections", "ListenStream= makes one that does")
        address, bound = sock.getsockname()[:2]
        if port and bound != port:
            raise StartError(f"the socket that was handed down has port {bound}, the settings say {port}", AGREE)
        if listen and plain(address) not in listen:
            names = ", ".join(listen)
            raise StartError(f"the socket that was handed down has address {address}, the settings say {names}", AGREE)


def is_listening(sock: socket.socket) -> bool:
    """Tell whether a socket is a TCP socket that takes connections."""
    return (
        sock.family in {socket.AF_INET, socket.AF_INET6}
        and sock.type == socket.SOCK_STREAM
        and bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    )
