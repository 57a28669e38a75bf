"""How far the bytes got that were handed to a transport.

A peer that reads slowly is not idle. What tells the two apart is how much the peer has not taken yet: our own buffer
and the kernel's send queue together. When that shrinks, there is progress.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from webproxy.net.transport import NativeTransport

try:
    from fcntl import ioctl
    from termios import TIOCOUTQ  # SIOCOUTQ by another name, tcp(7)
except ImportError:  # pragma: no cover - Windows
    TIOCOUTQ = 0

INT = struct.Struct("i")

if TYPE_CHECKING:
    from webproxy.net.stream import StreamTransport


def unsent(transport: StreamTransport) -> int:
    """Return how many bytes written to ``transport`` its peer has not taken yet.

    On a Unix socket the kernel counts its own overhead as well; only whether the number shrinks says something there.
    A transport that is closed has none.
    """
    number = transport.fileno()
    return 0 if number < 0 else buffered(transport) + queued(number)


def buffered(transport: Any) -> int:
    """Return how many bytes wait in this process."""
    if isinstance(transport, NativeTransport):
        return transport.buffered()
    # Twisted has no public way to ask; twisted.internet.abstract.FileDescriptor describes these three.
    return len(transport.dataBuffer) - transport.offset + transport._tempDataLen  # noqa: SLF001


def queued(number: int) -> int:
    """Return how many bytes wait in the kernel, or are under way without having been acknowledged."""
    if not TIOCOUTQ:  # pragma: no cover - Windows
        return 0
    answer: tuple[int] = INT.unpack(ioctl(number, TIOCOUTQ, bytes(INT.size)))
    return answer[0]
