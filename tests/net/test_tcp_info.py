"""The kernel's own count of a connection's bytes."""

from __future__ import annotations

import socket
from typing import Any

from webproxy.net.tcp_info import Carried, carried


class Transport:
    """A transport of a socket."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def getHandle(self) -> Any:
        return self._sock

    def fileno(self) -> int:
        return int(self._sock.fileno())


class Old(socket.socket):
    """A socket of an older kernel, which says less."""

    def getsockopt(self, *_: Any) -> Any:
        return b"\0" * 104


def test_both_ways_until_it_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname())
        server, _ = listener.accept()
        with server:
            assert carried(Transport(client)) == Carried()
            client.sendall(b"x" * 1000)
            assert len(server.recv(1000, socket.MSG_WAITALL)) == 1000
            server.sendall(b"y" * 30)
            assert len(client.recv(30, socket.MSG_WAITALL)) == 30
            assert carried(Transport(client)) == Carried(1000, 30)
            assert carried(Transport(server)) == Carried(30, 1000)
            client.close()
            assert carried(Transport(client)) == Carried()


def test_what_does_not_say_carried_nothing() -> None:
    one, other = socket.socketpair()
    with one, other:
        assert carried(Transport(one)) == Carried()
    with Old() as old:
        assert carried(Transport(old)) == Carried()
