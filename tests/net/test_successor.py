"""A process that takes our place: gets the sockets as systemd would give them, says when it serves, or is given up."""

from __future__ import annotations

import socket
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.modules import with_modules
from tests.peers import until
from webproxy.net.inherited import Inherited
from webproxy.net.listen import bind_tcp
from webproxy.net.successor import READY, Link, Successor, SuccessorError, legacy_in

if TYPE_CHECKING:
    from collections.abc import Iterator


TAKES_OVER = """
import os
from webproxy.net.inherited import take_inherited
from webproxy.net.successor import legacy_in
watchdog = os.environ.get("WATCHDOG_PID") == str(os.getpid())
*listening, link = [one for one in take_inherited(os.environ, os.getpid())]
secret = legacy_in(link.sock).decode()
link.sock.sendall(b"ready\\n")
connection, _ = listening[-1].sock.accept()
import sys
names = [one.name for one in listening] + [link.name, str(watchdog), sys.stdin.read(), secret]
link.sock.recv(1)  # until the one before us is done
connection.sendall(" ".join(names).encode())
"""


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    bound = [*bind_tcp(0, ["127.0.0.1"]), *bind_tcp(0, ["127.0.0.1"])]
    yield bound
    for sock in bound:
        sock.close()


def successor(reactor: Any, sockets: list[socket.socket], program: str, within: float = 30.0) -> Successor:
    environ = with_modules(WATCHDOG_PID="1")
    handed = [Inherited(f"n{at}", sock) for at, sock in enumerate(sockets)]
    command = [sys.executable, "-c", program]
    return Successor(reactor, command, handed, environ, stdin=b"a word", legacy=b"a secret", within=within)


@pytest_twisted.ensureDeferred
async def test_it_serves_our_sockets_and_knows_when_we_are_done(reactor: Any, sockets: list[socket.socket]) -> None:
    for sock in sockets:
        sock.setblocking(True)
    next_one = successor(reactor, sockets, TAKES_OVER)
    assert repr(next_one) == f"<Successor {next_one.pid}>"
    await next_one.ready
    with socket.create_connection(sockets[-1].getsockname()) as client:
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        next_one.release()
        client.setblocking(True)
        client.settimeout(10)
        assert client.recv(1000) == b"n0 n1 predecessor True a word a secret"
    assert sockets[0].fileno() >= 0
    next_one._process.wait()


@pytest.mark.parametrize("program", ["raise SystemExit(2)", "not python"])
@pytest_twisted.ensureDeferred
async def test_one_that_ends_is_told_and_leaves_nothing(
    program: str, reactor: Any, sockets: list[socket.socket]
) -> None:
    next_one = successor(reactor, sockets, program)
    with pytest.raises(SuccessorError, match=r"^it ended before it served"):
        await next_one.ready
    assert next_one._process.poll() is not None


@pytest_twisted.ensureDeferred
async def test_one_that_does_not_come_up_is_given_up(reactor: Any, sockets: list[socket.socket]) -> None:
    begun = time.monotonic()
    next_one = successor(reactor, sockets, "import time; time.sleep(600)", within=0.3)
    with pytest.raises(SuccessorError, match=r"^it was not up within 0\.3 s"):
        await next_one.ready
    assert time.monotonic() - begun < 30
    assert next_one._process.poll() is not None


@pytest_twisted.ensureDeferred
async def test_one_that_is_not_wanted_any_more_is_ended(reactor: Any, sockets: list[socket.socket]) -> None:
    next_one = successor(reactor, sockets, "import time; time.sleep(600)")
    next_one.give_up()
    with pytest.raises(SuccessorError, match="not wanted any more"):
        await next_one.ready
    assert next_one._process.poll() is not None
    next_one.give_up()


def test_one_that_cannot_be_started(
    reactor: Any, sockets: list[socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(SuccessorError, match="cannot be started: No such file"):
        successor(reactor, sockets, "")


@pytest_twisted.ensureDeferred
async def test_a_link_tells_what_it_hears_and_its_end(reactor: Any) -> None:
    ours, theirs = socket.socketpair()
    said: list[bytes] = []
    link = Link(reactor, ours, said.append)
    assert repr(link) == "<Link open>"
    link.say(READY)
    assert theirs.recv(100) == READY
    link.doRead()  # nothing yet
    theirs.send(b"hello")
    await until(reactor, lambda: said, "it was heard")
    theirs.close()
    await until(reactor, lambda: len(said) == 2, "the end was heard")
    assert said == [b"hello", b""]
    assert repr(link) == "<Link closed>"
    link.say(b"to nobody")
    link.close()


def test_nothing_may_have_been_left() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        assert legacy_in(ours) == b""
        theirs.close()
        assert legacy_in(ours) == b""
    assert legacy_in(ours) == b""
    assert legacy_in(None) == b""


@pytest_twisted.ensureDeferred
async def test_a_link_that_breaks_has_ended(reactor: Any) -> None:
    ours, theirs = socket.socketpair()
    said: list[bytes] = []
    Link(reactor, ours, said.append)
    ours.send(b"unread, so closing resets")
    theirs.close()
    await until(reactor, lambda: said, "the end was heard")
    assert said == [b""]
