"""A reset is told from a FIN without reading a byte."""

from __future__ import annotations

import socket
import struct
import time
from typing import Any

from webproxy.net.native_socket import RESET_ON_CLOSE
from webproxy.net.reset import was_reset


class Holder:
    """As much of a transport as is asked."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def fileno(self) -> int:
        return self._sock.fileno()


def pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        near = socket.create_connection(server.getsockname())
        return near, server.accept()[0]


def holder(sock: socket.socket) -> Any:
    return Holder(sock)


def test_a_fin_is_no_reset_whatever_waits_to_be_read() -> None:
    near, far = pair()
    with near:
        assert not was_reset(holder(near))
        far.sendall(b"unread")
        far.close()
        assert near.recv(1, socket.MSG_PEEK) == b"u"
        assert not was_reset(holder(near))


def test_a_reset_is_one() -> None:
    near, far = pair()
    with near:
        far.sendall(b"unread")
        far.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        far.close()
        deadline = time.monotonic() + 5
        while not was_reset(holder(near)):
            assert time.monotonic() < deadline
        assert len(RESET_ON_CLOSE) == struct.calcsize("ii")


def test_a_unix_socket_does_not_tell() -> None:
    near, far = socket.socketpair()
    with near:
        far.close()
        assert not was_reset(holder(near))


def test_what_is_closed_is_gone() -> None:
    near, far = pair()
    near.close()
    far.close()
    assert was_reset(holder(near))
