"""What a connection's socket says of itself: names and options, read through uvloop's transport.

uvloop owns the descriptor and hands out a stand-in for the socket that can be asked but does no I/O.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, for no time at all: closing drops what is unsent, and the peer sees a reset (socket(7))."""


class NativeSocket(asyncio.BaseProtocol):
    """The part of a transport that is about its socket. Nothing here works before uvloop has connected it.

    :ivar _uv: uvloop's transport.
    """

    __slots__ = ("_uv",)

    _uv: asyncio.Transport

    def getPeer(self) -> Any:
        """The other end's address."""
        return address_of(self._name("peername"))

    def getHost(self) -> Any:
        """This end's address."""
        return address_of(self._name("sockname"))

    def getHandle(self) -> Any:
        """The stand-in for the socket: ``fileno``, ``getsockopt``, ``setsockopt``, ``dup``."""
        return self._uv.get_extra_info("socket")

    def fileno(self) -> int:
        """The descriptor's number; -1 once it is closed."""
        handle = self.getHandle()
        return -1 if handle is None else int(handle.fileno())

    def getTcpNoDelay(self) -> bool:
        """Whether small writes leave at once."""
        return bool(self.getHandle().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    def setTcpNoDelay(self, enabled: bool) -> None:
        """Choose whether small writes leave at once."""
        self.getHandle().setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(enabled))

    def getTcpKeepAlive(self) -> bool:
        """Whether silence is probed."""
        return bool(self.getHandle().getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE))

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """Choose whether silence is probed."""
        self.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(enabled))

    def reset_on_close(self) -> None:
        """Let the peer see a reset when the descriptor is closed, and not the clean end of a whole answer."""
        if self.fileno() >= 0:
            self.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)

    def _name(self, which: str) -> Any:
        try:
            return self._uv.get_extra_info(which)
        except (AttributeError, OSError):  # uvloop remembers TCP's names, but not those of a Unix socket that is closed
            return None


def address_of(name: tuple[Any, ...] | str | bytes | None) -> IPv4Address | IPv6Address | UNIXAddress:
    """Return Twisted's address for a socket's name; an IPv4 address mapped into IPv6 stays as it is."""
    if not isinstance(name, tuple):
        return UNIXAddress(name or None)
    return IPv4Address("TCP", *name) if len(name) == 2 else IPv6Address("TCP", *name)
