"""How many bytes a TCP connection has carried, as the kernel counted them (TCP_INFO, tcp(7); linux/tcp.h).

Rule of this file: asking costs one system call, when somebody wants to know; what carries the bytes pays nothing.
"""

from __future__ import annotations

import socket
import struct
from typing import Any, NamedTuple

_SIZE = 216
_RECEIVED = struct.Struct("=128xQ")  # tcpi_bytes_received
_SENT = struct.Struct("=200xQQ")  # tcpi_bytes_sent, tcpi_bytes_retrans


class Carried(NamedTuple):
    """Bytes of one connection.

    :ivar sent: to the peer, each once; some may still be under way.
    :ivar received: from the peer.
    """

    sent: int = 0
    received: int = 0


def carried(transport: Any) -> Carried:
    """Ask the kernel; zeros where it does not say: once the descriptor is closed, or before Linux 4.19."""
    if transport.fileno() < 0:
        return Carried()
    try:
        said = transport.getHandle().getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
    except OSError:
        return Carried()
    if len(said) < _SIZE:
        return Carried()
    sent, again = _SENT.unpack_from(said)
    return Carried(sent - again, _RECEIVED.unpack_from(said)[0])
