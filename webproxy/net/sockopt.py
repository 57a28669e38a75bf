"""What every leg's socket is told about vanished peers and small writes.

A peer that vanished without a word (power, cable, NAT table) is noticed within two minutes: probes find it when the
leg is silent (20 to 40 s, then six probes 10 s apart), the user timeout when bytes are under way (90 s).
"""

from __future__ import annotations

import socket
from itertools import cycle
from typing import Any

USER_TIMEOUT = 90_000
"""Milliseconds; ``shut_window`` lifts it from peers that are there but do not read."""

#: (level, option, value); those that this platform lacks are left out. tcp(7), RFC 5482 for the user timeout (ms).
OPTIONS: list[tuple[int, int, int]] = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    *(
        (socket.IPPROTO_TCP, getattr(socket, name), value)
        for name, value in (
            ("TCP_KEEPIDLE", 30),
            ("TCP_KEEPINTVL", 10),
            ("TCP_KEEPCNT", 6),
            ("TCP_USER_TIMEOUT", USER_TIMEOUT),
        )
        if hasattr(socket, name)
    ),
]


SILENCES = range(20, 41)
"""Seconds of silence before a leg's first probe: another number for each, or else thousands that clients opened at
once are probed at once, for ever. What goes to a peer on this machine (a container, say) passes a queue that holds
1,000 packets (net.core.netdev_max_backlog) and drops the rest: of 10,000 silent legs a fifth were ended in 100 s."""

_silences = cycle(SILENCES)


def keep_alive(sock: socket.socket) -> None:
    """Set keep-alive (30/10/6 s), the user timeout (90 s) and TCP_NODELAY; nothing on a Unix socket.

    On Linux a listening socket hands all of them down to the connections it accepts.
    """
    if sock.family in {socket.AF_INET, socket.AF_INET6}:
        for level, option, value in OPTIONS:
            sock.setsockopt(level, option, value)


def keep_alive_descriptor(number: int) -> None:
    """Do the same for the descriptor of a TCP socket that belongs to somebody else."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, number)  # setsockopt(2) does not ask for the family
    try:
        keep_alive(sock)
    finally:
        sock.detach()


def probe_apart(sock: Any, peer: object) -> None:
    """Let one connection be probed at another time than the others, and not at all within this machine.

    Nobody vanishes from the loopback interface: the kernel itself ends the connections of a process that dies.

    :param sock: the connection's socket, or what stands for it; its options are those of :func:`keep_alive`.
    :param peer: the other end's name (getpeername(2)); whoever has no IP address is left alone.
    """
    if not isinstance(peer, tuple):
        return
    if peer[0].startswith(("127.", "::ffff:127.")) or peer[0] == "::1":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 0)
    elif hasattr(socket, "TCP_KEEPIDLE"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, next(_silences))
