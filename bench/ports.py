"""Ports for programs that are told one as a number, and bind it a moment later: the bench's, and the tests'.

Rule of this file: such a port lies outside the range from which the kernel gives ports to connections and to those who
ask for any: between the look and the bind it would give it to another test.
"""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from random import SystemRandom

RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST, HIGHEST = 10_000, 65_535


def free_port() -> int:
    """Give a port that nobody has."""
    first, last = (int(word) for word in RANGE.read_text().split()) if RANGE.exists() else (32_768, 60_999)
    choice = [*range(LOWEST, first), *range(last + 1, HIGHEST + 1)]
    while True:
        port: int = SystemRandom().choice(choice)
        with contextlib.suppress(OSError), socket.create_server(("", port)):
            return port
