"""A port for a new instance.

Rule of this file: the first one of the range that nobody has, and nobody is going to have; never 443.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.errors import StartError
from webproxy.net.listen import bind_tcp
from webproxy.net.owners import who_listens

if TYPE_CHECKING:
    from collections.abc import Callable, Container

ROUTERS = 443


def free_port(
    ports: range, configured: Container[int], listen: tuple[str, ...] = (), taken: Callable[[int], bool] | None = None
) -> int:
    """Find a port.

    :param ports: from which to take it.
    :param configured: what instances have already, whether they run or not.
    :param listen: the addresses that it will be opened on; empty for all.
    :param taken: tells whether somebody has it; asks the system, if nothing is said.
    :raises StartError: there is none.
    """
    is_taken = taken or (lambda port: not can_be_bound(port, listen))
    for port in ports:
        if port != ROUTERS and port not in configured and not is_taken(port):
            return port
    raise StartError(
        f"no port from {ports[0]} to {ports[-1]} is free", "give one with --port, or widen ports in webproxy.toml"
    )


def can_be_bound(port: int, listen: tuple[str, ...] = ()) -> bool:
    """Tell whether a port can be opened; it is closed again at once."""
    try:
        sockets = bind_tcp(port, listen or None)
    except OSError:
        return False
    for sock in sockets:
        sock.close()
    return True


def check_free(port: int, listen: tuple[str, ...] = ()) -> None:
    """Check that a port can be had.

    :raises StartError: somebody has it.
    """
    if can_be_bound(port, listen):
        return
    owner = who_listens(port)
    if owner is None:
        raise StartError(f"port {port} cannot be opened here", "choose another one, or --port auto")
    raise StartError(f"port {port} is in use by {owner}", "choose another one, or --port auto")
