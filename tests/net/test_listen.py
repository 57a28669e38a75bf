"""Binding; what is served then is in tests/integration/test_listening.py."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.net.listen import Listening, bind_tcp, has_ipv6, places

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


@pytest.fixture
def bound() -> Iterator[list[socket.socket]]:
    """Sockets to be closed in the end."""
    sockets: list[socket.socket] = []
    yield sockets
    for sock in sockets:
        sock.close()


@needs_ipv6
def test_all_addresses_are_two_sockets_on_one_port(bound: list[socket.socket]) -> None:
    bound += bind_tcp(0, None)
    assert [sock.family for sock in bound] == [socket.AF_INET, socket.AF_INET6]
    assert len({sock.getsockname()[1] for sock in bound}) == 1
    assert bound[1].getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY) == 1
    for host in ("127.0.0.1", "::1"):
        socket.create_connection((host, bound[0].getsockname()[1])).close()


def test_a_machine_without_ipv6_gets_one(monkeypatch: pytest.MonkeyPatch, bound: list[socket.socket]) -> None:
    system = socket.socket

    def without_ipv6(family: int = socket.AF_INET, *rest: Any) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(97, "Address family not supported by protocol")
        return system(family, *rest)

    monkeypatch.setattr(socket, "socket", without_ipv6)
    assert not has_ipv6()
    bound += bind_tcp(0, None)
    assert [sock.getsockname()[0] for sock in bound] == ["0.0.0.0"]


@pytest.mark.parametrize("addresses", [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1", "127.0.0.2"]])
def test_each_address_is_bound_once(addresses: Sequence[str], bound: list[socket.socket]) -> None:
    bound += bind_tcp(0, addresses)
    assert sorted(sock.getsockname()[0] for sock in bound) == ["127.0.0.1", "127.0.0.2"]
    assert len({sock.getsockname()[1] for sock in bound}) == 1


def test_a_name_stands_for_its_addresses() -> None:
    assert (socket.AF_INET, ("127.0.0.1", 0)) in places(["localhost"])


def test_no_child_process_inherits_a_listener(bound: list[socket.socket]) -> None:
    bound += bind_tcp(0, ["127.0.0.1"])
    assert not bound[0].get_inheritable()


@pytest.mark.parametrize(
    ("addresses", "what"),
    [
        (["127.0.0.1", "203.0.113.1"], "assign"),
        (["127.0.0.1", "no.such.host.invalid"], "known"),
    ],
)
def test_one_address_that_cannot_be_had_leaves_nothing_bound(addresses: Sequence[str], what: str) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(OSError, match=what):
        bind_tcp(port, addresses)
    with socket.socket() as again:
        again.bind(("127.0.0.1", port))


def test_a_port_in_use_is_the_systems_error(bound: list[socket.socket]) -> None:
    bound += bind_tcp(0, ["127.0.0.1"])
    with pytest.raises(OSError, match="in use") as caught:
        bind_tcp(bound[0].getsockname()[1], ["127.0.0.1"])
    assert type(caught.value) is OSError


def test_a_port_of_yesterdays_connections_can_be_had_at_once(bound: list[socket.socket]) -> None:
    (listener,) = bind_tcp(0, ["127.0.0.1"])
    name = listener.getsockname()
    client = socket.create_connection(name)
    accepted = listener.accept()[0]
    accepted.close()  # we close first, so it is our side that stays in TIME_WAIT
    client.close()
    listener.close()
    bound += bind_tcp(name[1], ["127.0.0.1"])


def test_listening_is_stopped_once() -> None:
    stops: list[bool] = []
    host: Any = "where it listens"
    listening = Listening(host, lambda: stops.append(True))
    assert (repr(listening), listening.getHost()) == ("<Listening open on where it listens>", host)
    results: list[Any] = []
    for _ in range(2):
        listening.stop().addCallback(results.append)
    assert (stops, results) == ([True], [None, None])
    assert repr(listening) == "<Listening stopped on where it listens>"


def test_what_may_be_handed_on_is_closed_with_the_rest() -> None:
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    host: Any = "where it listens"
    listening = Listening(host, lambda: None, sock)
    assert listening.sock is sock
    listening.stop()
    assert sock.fileno() == -1
