"""A connection that shows whom it wants: looked at, never taken."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import Clock, deferLater

from tests.router.test_client_hello import hello
from webproxy.net.readiness import Readiness
from webproxy.net.sweep import IdleSweep
from webproxy.router.alerts import UNRECOGNIZED_NAME
from webproxy.router.arriving import PATIENCE, Arriving

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webproxy.router.client_hello import ClientHello


class Guest:
    """A client, and what was told of it."""

    def __init__(self, reactor: Any) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.client = socket.create_connection(listener.getsockname())
        self.sock, _ = listener.accept()
        listener.close()
        self.sock.setblocking(False)
        self.clock = Clock()
        self.readiness = Readiness(reactor)
        self.told: list[object] = []
        self.arriving = Arriving(self.sock, self.readiness, IdleSweep(self.clock), self.arrived, self.told.append)

    def arrived(self, _: Arriving, found: ClientHello) -> None:
        self.told.append(found.server_name)

    def close(self) -> None:
        for one in (self.client, self.sock):
            one.close()
        self.readiness.close()


@pytest.fixture
def guest(reactor: Any) -> Iterator[Guest]:
    one = Guest(reactor)
    yield one
    one.close()


async def told(reactor: Any, guest: Guest) -> list[object]:
    for _ in range(2000):
        if guest.told:
            return guest.told
        await deferLater(reactor, 0.005, lambda: None)
    raise AssertionError(f"nothing was told of {guest.arriving}")


@pytest_twisted.ensureDeferred
async def test_a_hello_in_pieces_is_still_there_for_tls(reactor: Any, guest: Guest) -> None:
    whole = hello("a.example")
    guest.arriving.look()
    assert repr(guest.arriving) == "<Arriving waiting>"
    for piece in (whole[:3], whole[3:50], whole[50:]):
        assert guest.told == []
        guest.client.sendall(piece)
        await deferLater(reactor, 0.05, lambda: None)
    assert await told(reactor, guest) == [b"a.example"]
    assert guest.sock.recv(65536) == whole
    assert repr(guest.arriving) == "<Arriving over>"


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("before", [0, 7])
async def test_who_says_half_and_that_this_was_all_has_left(reactor: Any, guest: Guest, before: int) -> None:
    """The connection stays half open, and would be told of for ever."""
    guest.client.sendall(hello("a.example")[:before])
    guest.arriving.look()
    guest.client.sendall(hello("a.example")[before:20])
    guest.client.shutdown(socket.SHUT_WR)
    assert await told(reactor, guest) == [guest.arriving]
    assert guest.sock.fileno() == -1


@pytest_twisted.ensureDeferred
async def test_one_that_is_there_already(reactor: Any, guest: Guest) -> None:
    guest.client.sendall(hello("a.example"))
    await deferLater(reactor, 0.02, lambda: None)
    guest.arriving.look()
    assert guest.told == [b"a.example"]


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\n\r\n"])
@pytest_twisted.ensureDeferred
async def test_one_that_leaves_or_speaks_something_else(reactor: Any, guest: Guest, said: bytes) -> None:
    guest.arriving.look()
    guest.client.sendall(said)
    if not said:
        guest.client.close()
    assert await told(reactor, guest) == [guest.arriving]
    assert guest.sock.fileno() == -1


def test_one_that_stalls(guest: Guest) -> None:
    guest.arriving.look()
    guest.clock.pump([0.25] * int(4 * PATIENCE + 4))
    assert guest.told == [guest.arriving]
    assert guest.client.recv(10) == b""


def test_a_refusal_is_heard_although_the_hello_was_never_taken(guest: Guest) -> None:
    guest.client.sendall(hello())
    guest.arriving.refuse(UNRECOGNIZED_NAME)
    guest.client.settimeout(10)
    assert guest.client.recv(100) == UNRECOGNIZED_NAME
    assert guest.client.recv(100) == b""


def test_a_refusal_of_who_has_gone(guest: Guest) -> None:
    guest.client.close()
    guest.sock.setblocking(True)
    guest.sock.recv(1)
    guest.arriving.refuse(UNRECOGNIZED_NAME)
    assert guest.sock.fileno() == -1
