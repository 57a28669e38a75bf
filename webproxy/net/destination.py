"""Where a connection goes: a TCP port of a host, or a Unix socket.

Rule of this file: frozen values, written as users write them. Reading them from text is ``webproxy.settings``'s,
connecting to them is ``webproxy.net.connect``'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Tcp:
    """A TCP port of a host.

    :param host: an IPv4 address, an IPv6 address without brackets, or a name.
    :param port: 1 to 65535.
    """

    host: str
    port: int

    def __str__(self) -> str:
        """``127.0.0.1:8080``; an IPv6 address in brackets (RFC 3986 §3.2.2)."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Unix:
    """A listening Unix socket.

    :param path: its absolute path in the file system.
    """

    path: str

    def __str__(self) -> str:
        """``unix:/run/service.sock``."""
        return f"unix:{self.path}"


Destination: TypeAlias = Tcp | Unix


def in_short(text: str) -> str:
    """Write an internal service's address as people do: its port alone, if it is on this machine.

    :param text: a destination's own.
    """
    host, _, port = text.rpartition(":")
    return port if host in ("127.0.0.1", "[::1]") else text
