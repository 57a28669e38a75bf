"""What the kernel says is unsent, without a transport; over real connections: tests/integration/test_progress.py."""

from __future__ import annotations

import socket
from typing import Any

from webproxy.net.progress import buffered, queued, unsent


def test_the_kernel_counts_what_the_peer_has_not_read() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        assert queued(ours.fileno()) == 0
        ours.send(b"x" * 1000)
        assert queued(ours.fileno()) >= 1000
        theirs.recv(1000)
        assert queued(ours.fileno()) == 0


class TwistedTransport:
    """The attributes of Twisted's file descriptors that hold what is unsent."""

    def __init__(self, sock: socket.socket) -> None:
        self.fileno = sock.fileno
        self.dataBuffer = b"0123456789"
        self.offset = 4
        self._tempDataLen = 20


def test_process_and_kernel_are_added_up() -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        transport: Any = TwistedTransport(ours)
        assert buffered(transport) == 26
        assert unsent(transport) == 26
        ours.send(b"x")
        assert unsent(transport) > 26
        ours.close()
        assert unsent(transport) == 0
