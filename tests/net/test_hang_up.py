"""A connection that is ended is ended for the peer, too, before anything else happens."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING

import pytest

from webproxy.net.hang_up import hang_up

if TYPE_CHECKING:
    from collections.abc import Iterator


class Transport:
    """A transport that closes its descriptor later."""

    def __init__(self, sock: socket.socket) -> None:
        self.fileno = sock.fileno
        self.aborted = 0

    def abortConnection(self) -> None:
        self.aborted += 1


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    theirs.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_the_peer_knows_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    transport = Transport(ours)
    with pytest.raises(BlockingIOError):
        theirs.recv(1)
    hang_up(transport)  # type: ignore[arg-type]
    assert theirs.recv(1) == b""
    assert transport.aborted == 1
    assert ours.fileno() >= 0  # it is the transport's to close


def test_a_peer_that_was_faster_is_no_error(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    theirs.close()
    transport = Transport(ours)
    hang_up(transport)  # type: ignore[arg-type]
    assert transport.aborted == 1


def test_a_transport_without_a_descriptor_is_aborted(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    transport = Transport(ours)
    ours.close()
    hang_up(transport)  # type: ignore[arg-type]
    assert transport.aborted == 1
