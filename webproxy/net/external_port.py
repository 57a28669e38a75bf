"""The port that clients reach: taken over from whoever bound it for us, or bound by ourselves.

Rule of this file: settings' words in, listening sockets out; what cannot be had is an error of the start, with what to
do about it.
"""

from __future__ import annotations

from errno import EADDRINUSE
from typing import TYPE_CHECKING

from webproxy.errors import StartError
from webproxy.net.inherited import check_inherited
from webproxy.net.listen import bind_tcp
from webproxy.net.owners import who_listens

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence


def open_port(port: int, listen: Sequence[str], inherited: Sequence[socket.socket]) -> list[socket.socket]:
    """Open the external port.

    :param port: its number.
    :param listen: the addresses; empty for all.
    :param inherited: sockets that are bound already; with none of them, we bind.
    :raises StartError: it is in use or may not be bound, or another one was handed down.
    """
    if inherited:
        check_inherited(inherited, port, listen)
        return list(inherited)
    try:
        return bind_tcp(port, listen or None)
    except OSError as error:
        raise _cannot_bind(port, error) from error


def _cannot_bind(port: int, error: OSError) -> StartError:
    """Why the port cannot be had, and what to do."""
    owner = who_listens(port) if error.errno == EADDRINUSE else None
    if owner is not None:
        return StartError(f"port {port} is in use by {owner}", "stop that, or choose another port with --port")
    return StartError(f"port {port} cannot be bound: {error.strerror or error}", "choose another port with --port")
