"""UDP on real sockets: from which address an answer leaves, and what the system refuses."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.questions import DOMAIN, question, read, zone
from webproxy.net.listen import has_ipv6
from webproxy.router.dns.datagrams import IP_PKTINFO, TURN, Datagrams, asked, bound
from webproxy.router.dns.responder import Responder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.logger import LogEvent

ASKED = question(f"app.{DOMAIN}")


class Served:
    """A socket that is served.

    :ivar port: of it.
    """

    def __init__(self, reactor: Any, family: int = socket.AF_INET, address: str = "") -> None:
        sock = bound(family, (address, 0))
        self.port = sock.getsockname()[1]
        self.responder = Responder(zone(), reactor.seconds)
        self.datagrams = Datagrams(reactor, sock, self.responder)


@pytest.fixture
def served(reactor: Any) -> Iterator[Served]:
    one = Served(reactor)
    yield one
    one.datagrams.close()
    one.datagrams.close()
    assert repr(one.datagrams) == "<Datagrams closed>"


def connected(port: int, host: str = "127.0.0.1", family: int = socket.AF_INET) -> socket.socket:
    """A socket that hears nobody but the address that it asks."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(20)
    sock.connect((host, port))
    return sock


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.77"])
async def test_an_answer_leaves_from_the_address_that_was_asked(served: Served, host: str) -> None:
    with connected(served.port, host) as sock:
        sock.send(ASKED)
        assert read(await deferToThread(sock.recv, 4096)).answers


@pytest_twisted.ensureDeferred
async def test_ipv6(reactor: Any) -> None:
    if not has_ipv6():  # pragma: no cover
        pytest.skip("this machine has no IPv6")
    one = Served(reactor, socket.AF_INET6)
    with connected(one.port, "::1", socket.AF_INET6) as sock:
        sock.send(ASKED)
        assert read(await deferToThread(sock.recv, 4096)).answers
    one.datagrams.close()


@pytest_twisted.ensureDeferred
async def test_many_at_once_and_some_without_an_answer(served: Served) -> None:
    with connected(served.port) as sock:
        for _ in range(TURN):
            sock.send(b"noise")
            sock.send(ASKED)
        for _ in range(TURN):
            assert read(await deferToThread(sock.recv, 4096)).answers
    assert served.responder.counts["ignored"] == TURN


class Broken:
    """A socket that has a message, and sends nothing."""

    def __init__(self) -> None:
        self.messages = [ASKED]

    def fileno(self) -> int:
        return -1

    def recvmsg(self, size: int, room: int) -> tuple[bytes, list[Any], int, tuple[str, int]]:
        if not self.messages:
            raise ConnectionRefusedError
        return self.messages.pop(), [], 0, ("192.0.2.1", 53)

    def sendmsg(self, *args: object) -> int:
        raise PermissionError


class NoReactor:
    now = 1000.0

    def seconds(self) -> float:
        return self.now

    def addReader(self, reader: object) -> None:
        """Take no note."""


def test_what_cannot_be_sent_is_dropped() -> None:
    sock: Any = Broken()
    responder = Responder(zone(), lambda: 1.0)
    datagrams = Datagrams(NoReactor(), sock, responder)
    datagrams.doRead()
    assert responder.counts == {"udp": 1, "unsent": 1}
    assert datagrams.logPrefix() == "dns"
    datagrams.connectionLost(Any)  # type: ignore[arg-type]


def test_a_mistake_of_ours_costs_one_answer_and_a_message_a_minute(logged: list[LogEvent]) -> None:
    class Mistaken(Responder):
        def datagram(self, message: bytes, source: str) -> bytes | None:
            raise LookupError(source)

    reactor = NoReactor()
    sock: Any = Broken()
    datagrams = Datagrams(reactor, sock, Mistaken(zone(), reactor.seconds))
    for later in (0, 59, 1):
        reactor.now += later
        sock.messages.append(ASKED)
        datagrams.doRead()
    assert [event["kind"] for event in logged] == ["dns-failed", "dns-failed"]


def test_a_socket_that_cannot_be_bound_is_closed() -> None:
    with pytest.raises(OSError, match=r"."):
        bound(socket.AF_INET, ("192.0.2.1", 1))


def test_the_way_back_is_the_system_s_to_choose() -> None:
    here, there = b"\x7f\0\0\1", b"\x7f\0\0\2"
    came = [(0, 99, b"other"), (socket.IPPROTO_IP, IP_PKTINFO, b"\1\0\0\0" + here + there)]
    assert asked(came) == [(socket.IPPROTO_IP, IP_PKTINFO, b"\0\0\0\0" + here + b"\0\0\0\0")]
    v6 = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, b"x" * 16 + b"\1\0\0\0")
    assert asked([v6]) == [(*v6[:2], b"x" * 16 + b"\0\0\0\0")]
    assert asked([]) == []
