"""What waits in a connection's socket: bytes, an end, a reset, or nothing."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.peers import RESET
from webproxy.net.peek import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end and the peer's."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    with ours, theirs:
        yield ours, theirs


def test_nothing(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    assert quiet(ours)  # type: ignore[arg-type] # only fileno() is asked for


def test_bytes_wait_and_are_left_there(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"x")
    assert not quiet(ours)  # type: ignore[arg-type]
    assert ours.recv(2) == b"x"
    assert quiet(ours)  # type: ignore[arg-type]


def test_the_peer_has_said_its_last_word(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.shutdown(socket.SHUT_WR)
    assert not quiet(ours)  # type: ignore[arg-type]


def test_the_peer_is_gone(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    theirs.close()
    assert not quiet(ours)  # type: ignore[arg-type]


def test_where_there_is_no_descriptor_nothing_waits(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    theirs.close()
    ours.close()
    assert quiet(ours)  # type: ignore[arg-type]
