"""Tells whether an address is one of this machine's.

Rule of this file: ask the kernel, which alone knows; never a name server.
"""

from __future__ import annotations

import ipaddress
import socket


def is_local(host: str) -> bool:
    """Tell whether ``host`` is an address of this machine: only such an address can be bound.

    :param host: an IP address, or a name; of the names, only localhost and this machine's own are known to be local.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host.partition("%")[0])
    except OSError:
        return host.lower() in ("localhost", socket.gethostname().lower())
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
    except OSError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches ``host``: an address of 127.0.0.0/8, ::1, or the name localhost."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
