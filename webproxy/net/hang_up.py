"""Ending a connection before anything else happens.

A transport that is told to abort closes its descriptor in the next turn of its loop. What is written on another
connection meanwhile arrives first: a service whose one place was just given up would see the next request, and only
then that the place is free.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webproxy.net.stream import StreamTransport


def hang_up(transport: StreamTransport) -> None:
    """Abort, and let the peer know it by the time this returns: it sees an end, and a reset right behind it."""
    number = transport.fileno()
    if number >= 0:
        borrowed = socket.socket(fileno=number)
        try:
            borrowed.shutdown(socket.SHUT_RDWR)
        except OSError:  # the peer was faster
            pass
        finally:
            borrowed.detach()  # it is the transport's to close
    transport.abortConnection()
