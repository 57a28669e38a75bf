"""How far the bytes got that were handed to a transport.

A peer that reads slowly is not idle. What tells the two apart is how much the peer has not taken yet: our own buffer
and the kernel's send queue together. When that shrinks, there is progress.
"""

from __future__ import annotations

import struct
from fcntl import ioctl
from termios import TIOCOUTQ
from typing import TYPE_CHECKING, Any

from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    from webproxy.net.stream import StreamTransport

INT = struct.Struct("i")


def unsent(transport: StreamTransport) -> int:
    """Return how many bytes written to ``transport`` its peer has not taken yet; none once it is closed.

    On a Unix socket the kernel counts its own overhead as well: there, only whether the number shrinks says something.
    """
    number = transport.fileno()
    return 0 if number < 0 else buffered(transport) + queued(number)


def buffered(transport: Any) -> int:
    """Return how many bytes wait in this process."""
    if isinstance(transport, NativeTransport):
        return transport.buffered()
    # Twisted has no public way to ask; twisted.internet.abstract.FileDescriptor explains these three.
    waiting: int = len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001
    return waiting


def queued(number: int) -> int:
    """Return how many bytes wait in the kernel or are under way unacknowledged (SIOCOUTQ, tcp(7))."""
    waiting: int = INT.unpack(ioctl(number, TIOCOUTQ, bytes(INT.size)))[0]  # SIOCOUTQ is TIOCOUTQ by another name
    return waiting
