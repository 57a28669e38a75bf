"""Whether a connection was reset, for one that nobody reads at the moment."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webproxy.net.stream import StreamTransport

TCP_CLOSE = 7
"""State of a socket whose connection is no more, though bytes may wait in it (the kernel's tcp_states.h)."""


def was_reset(transport: StreamTransport) -> bool:
    """Tell whether the connection is gone for good, and not merely finished by its peer: a FIN leaves it half open.

    :returns: False as well where the system cannot tell (a Unix socket).
    """
    number = transport.fileno()
    if number < 0 or not hasattr(socket, "TCP_INFO"):
        return number < 0
    borrowed = socket.socket(fileno=number)
    try:
        return borrowed.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == TCP_CLOSE
    except OSError:
        return False
    finally:
        borrowed.detach()  # it is the transport's to close
