"""The options of every leg, read back from the kernel."""

from __future__ import annotations

import os
import socket

import pytest

from webproxy.net.sockopt import OPTIONS, SILENCES, keep_alive, keep_alive_descriptor, probe_apart

MEANT = [
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 6),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 90_000),
]


def options(sock: socket.socket) -> list[tuple[int, int, int]]:
    return [(level, option, sock.getsockopt(level, option)) for level, option, _ in MEANT]


def test_linux_has_all_of_them() -> None:
    assert OPTIONS == MEANT


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_tcp_socket_gets_them(family: int) -> None:
    with socket.socket(family) as sock:
        assert options(sock) != MEANT
        keep_alive(sock)
        assert options(sock) == MEANT


def test_a_unix_socket_gets_none() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        keep_alive(sock)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0


def test_an_accepted_connection_inherits_them() -> None:
    with socket.socket() as listener:
        keep_alive(listener)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            assert options(accepted) == MEANT


@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_a_borrowed_descriptor_stays_open(family: int) -> None:
    with socket.socket(family) as sock:
        keep_alive_descriptor(sock.fileno())
        assert options(sock) == MEANT
        os.fstat(sock.fileno())


def silence(sock: socket.socket) -> int:
    return sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)


def test_legs_are_probed_one_after_the_other() -> None:
    with socket.socket() as sock:
        keep_alive(sock)
        seen = []
        for _ in SILENCES:
            probe_apart(sock, ("192.0.2.1", 443))
            seen.append(silence(sock))
        assert sorted(seen) == list(SILENCES)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.200.3.4", "::1", "::ffff:127.0.0.1"])
def test_nobody_vanishes_from_this_machine(host: str) -> None:
    with socket.socket() as sock:
        keep_alive(sock)
        probe_apart(sock, (host, 443))
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 0


def test_whoever_has_no_address_is_left_alone() -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        probe_apart(sock, "")
        probe_apart(sock, None)
