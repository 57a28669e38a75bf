"""What a peer said before the connection to it broke."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet import main

from tests.peers import RESET
from webproxy.net.last_words import LIMIT, heed_last_words, last_words

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def pair() -> Iterator[tuple[Any, socket.socket]]:
    """Our end, of which only ``fileno`` is asked for, and the peer's."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as listening:
        ours = socket.create_connection(listening.getsockname())
        theirs, _ = listening.accept()
    ours.setblocking(False)
    with ours, theirs:
        yield ours, theirs


def test_nothing_was_said(pair: tuple[Any, socket.socket]) -> None:
    ours, theirs = pair
    assert last_words(ours) == b""
    theirs.close()
    assert last_words(ours) == b""


def test_a_reset_does_not_take_them_away(pair: tuple[Any, socket.socket]) -> None:
    ours, theirs = pair
    theirs.sendall(b"too large")
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    theirs.close()
    with pytest.raises(OSError, match=r"reset|pipe"):
        ours.send(b"x")
    assert last_words(ours) == b"too large"
    assert last_words(ours) == b""


def test_the_descriptor_stays_open(pair: tuple[Any, socket.socket]) -> None:
    ours, theirs = pair
    last_words(ours)
    theirs.sendall(b"x")
    assert ours.recv(1) == b"x"


def test_they_are_bounded(pair: tuple[Any, socket.socket]) -> None:
    ours, theirs = pair
    theirs.setblocking(False)
    for _ in range(100):
        with contextlib.suppress(BlockingIOError):
            theirs.send(b"x" * LIMIT)
    assert 0 < len(last_words(ours)) <= LIMIT


def test_a_closed_descriptor_has_none(pair: tuple[Any, socket.socket]) -> None:
    ours, _ = pair
    ours.close()
    assert last_words(ours) == b""


class TwistedTransport:
    """One of Twisted's own, as far as a failing write goes."""

    def __init__(self, sock: socket.socket, outcome: Exception | None) -> None:
        self.fileno = sock.fileno
        self.protocol = self
        self.heard: list[bytes] = []
        self._outcome = outcome

    def doWrite(self) -> Exception | None:
        return self._outcome

    def dataReceived(self, data: bytes) -> None:
        self.heard.append(data)


@pytest.mark.parametrize(
    ("outcome", "said", "heard"),
    [
        (main.CONNECTION_LOST, b"too large", [b"too large"]),
        (main.CONNECTION_LOST, b"", []),
        (main.CONNECTION_DONE, b"too large", []),
        (None, b"too large", []),
    ],
)
def test_twisteds_transports_hand_them_over_when_a_write_fails(
    pair: tuple[Any, socket.socket], outcome: Exception | None, said: bytes, heard: list[bytes]
) -> None:
    ours, theirs = pair
    theirs.sendall(said)
    transport = TwistedTransport(ours, outcome)
    heed_last_words(transport)
    assert transport.doWrite() is outcome
    assert transport.heard == heard
