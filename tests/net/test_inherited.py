"""Sockets that were handed down: taken when they are for us, refused in a sentence when they cannot be."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import StartError
from webproxy.net.inherited import check_inherited, is_listening, take_inherited
from webproxy.net.listen import bind_tcp

if TYPE_CHECKING:
    from collections.abc import Iterator

FIRST = 200
"""A range of descriptors that the test run has no use for."""


@pytest.fixture
def handed_down() -> Iterator[list[socket.socket]]:
    """Two listening sockets, as descriptors 200 and 201 too."""
    sockets = [*bind_tcp(0, ["127.0.0.1"]), *bind_tcp(0, ["127.0.0.1"])]
    for at, sock in enumerate(sockets):
        os.dup2(sock.fileno(), FIRST + at, inheritable=True)
    yield sockets
    for sock in sockets:
        sock.close()


def variables(**changed: str) -> dict[str, str]:
    return {"LISTEN_FDS": "2", "LISTEN_PID": "77", "LISTEN_FDNAMES": "http:other", "HOME": "/"} | changed


def test_what_is_for_us_is_taken_with_its_name(handed_down: list[socket.socket]) -> None:
    environ = variables()
    taken = take_inherited(environ, 77, FIRST)
    assert environ == {"HOME": "/"}
    assert [one.name for one in taken] == ["http", "other"]
    for one, before in zip(taken, handed_down, strict=True):
        with one.sock:
            assert one.sock.getsockname() == before.getsockname()
            assert one.sock.family == socket.AF_INET
            assert not one.sock.get_inheritable()
            assert is_listening(one.sock)


@pytest.mark.parametrize("names", ["", "http", ":"])
def test_names_may_be_missing(handed_down: list[socket.socket], names: str) -> None:
    taken = take_inherited(variables(LISTEN_FDNAMES=names), 77, FIRST)
    for one in taken:
        one.sock.close()
    assert [one.name for one in taken] == [names.strip(":") or "unknown", "unknown"]


@pytest.mark.parametrize("changed", [{"LISTEN_PID": "78"}, {"LISTEN_PID": ""}, {"LISTEN_FDS": ""}, {"LISTEN_FDS": "0"}])
def test_what_is_for_another_is_left_alone(changed: dict[str, str]) -> None:
    assert take_inherited(variables(**changed), 77, FIRST) == []


@pytest.mark.parametrize("count", ["two", "-1", "1000000", "٣"])
def test_what_cannot_be_is_refused(count: str) -> None:
    with pytest.raises(StartError, match=r"^LISTEN_FDS=.* is not a number of sockets"):
        take_inherited(variables(LISTEN_FDS=count), 77, FIRST)


def test_a_descriptor_that_is_not_open_is_refused() -> None:
    with pytest.raises(StartError, match=r"^descriptor 210, which was handed down, is not a socket: Bad file"):
        take_inherited(variables(), 77, 210)


def test_a_descriptor_that_is_no_socket_is_refused() -> None:
    with open("/dev/null", "rb") as file, pytest.raises(StartError, match="is not a socket"):  # noqa: PTH123
        take_inherited(variables(LISTEN_FDS="1"), 77, file.fileno())


def test_what_does_not_listen_is_seen() -> None:
    with socket.socket() as idle, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        assert not is_listening(idle)
        assert not is_listening(datagrams)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert not is_listening(ours)


TAKES = """
import os
os.environ["LISTEN_PID"] = str(os.getpid())
from webproxy.net.inherited import take_inherited
(taken,) = take_inherited(os.environ, os.getpid(), int(os.environ["FIRST"]))
print(taken.sock.getsockname()[1], "LISTEN_FDS" in os.environ)
"""


def test_a_real_child_takes_it() -> None:
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    with sock:
        environ = {**os.environ, "LISTEN_FDS": "1", "FIRST": str(sock.fileno())}
        child = subprocess.run(
            [sys.executable, "-c", TAKES], env=environ, pass_fds=[sock.fileno()], capture_output=True, check=True
        )
        assert child.stdout.split() == [b"%d" % sock.getsockname()[1], b"False"]


def test_what_was_handed_down_must_be_what_was_asked_for() -> None:
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    port = sock.getsockname()[1]
    with sock:
        check_inherited([sock], port)
        check_inherited([sock], 0, ["127.0.0.1", "::1"])
        with pytest.raises(StartError, match=rf"handed down has port {port}, the settings say 1; let the socket unit"):
            check_inherited([sock], 1)
        with pytest.raises(StartError, match=r"has address 127.0.0.1, the settings say 127.0.0.2, ::1; let"):
            check_inherited([sock], port, ["127.0.0.2", "::1"])
    with socket.socket() as idle, pytest.raises(StartError, match="takes no connections"):
        check_inherited([idle], 0)
