"""What a peer said before the connection to it broke.

A write that fails (EPIPE, ECONNRESET) ends the connection at once, on every reactor; what the peer had sent before it
closed is in the kernel all the same, and a reset does not take it away (tcp(7); Linux keeps the receive queue).
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionLost

if TYPE_CHECKING:
    from webproxy.net.stream import StreamTransport

LIMIT = 1 << 18
"""Most that is read, in bytes."""


def last_words(transport: StreamTransport) -> bytes:
    """Read what waits in the kernel; to be asked in ``connectionLost``, where a native transport's descriptor is open.

    :returns: nothing, when nothing waits or the descriptor is closed.
    """
    number = transport.fileno()
    if number < 0:
        return b""
    borrowed = socket.socket(fileno=number)
    try:
        return borrowed.recv(LIMIT, socket.MSG_DONTWAIT)
    except OSError:  # nothing waits, or only the reset does
        return b""
    finally:
        borrowed.detach()  # it is the transport's to close


def heed_last_words(transport: Any) -> None:
    """Let one of Twisted's own transports hand over what waits when a write fails, before it closes its descriptor.

    They have closed it when ``connectionLost`` is called.
    """
    write = transport.doWrite

    def do_write() -> Exception | None:
        reason: Exception | None = write()
        if isinstance(reason, ConnectionLost) and (data := last_words(transport)):
            transport.protocol.dataReceived(data)
        return reason

    transport.doWrite = do_write
