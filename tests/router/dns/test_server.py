"""The server from its ports to its end; what is told of a port that somebody else has."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from bench.ports import free_port
from tests.questions import DOMAIN, question, read, zone
from webproxy.errors import StartError
from webproxy.router.dns import server
from webproxy.router.dns.datagrams import bound
from webproxy.router.dns.server import DnsServer, bind

ASKED = question(f"app.{DOMAIN}")


@pytest_twisted.ensureDeferred
async def test_it_answers_until_it_is_stopped(reactor: Any) -> None:
    sockets = bind(0, ["127.0.0.1"])
    served = DnsServer(reactor, sockets, zone())
    assert repr(served) == f"<DnsServer of {served.zone!r}>"
    with socket.create_connection(("127.0.0.1", sockets.port), 20) as stream:
        stream.sendall(len(ASKED).to_bytes(2, "big") + ASKED)
        assert read((await deferToThread(stream.recv, 4096))[2:]).answers
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(20)
            sock.connect(("127.0.0.1", sockets.port))
            sock.send(ASKED)
            assert read(await deferToThread(sock.recv, 4096)).answers
        await served.stop()
        with contextlib.suppress(ConnectionResetError):
            assert not await deferToThread(stream.recv, 1)
    bind(sockets.port, ["127.0.0.1"]).close()


@pytest_twisted.ensureDeferred
async def test_a_question_and_the_end_in_one_go(reactor: Any) -> None:
    sockets = bind(0, ["127.0.0.1"])
    served = DnsServer(reactor, sockets, zone())
    with socket.create_connection(("127.0.0.1", sockets.port), 20) as stream:
        stream.sendall((len(ASKED).to_bytes(2, "big") + ASKED) * 50)
        stream.shutdown(socket.SHUT_WR)
        data = b""
        while piece := await deferToThread(stream.recv, 4096):
            data += piece
        size = 2 + int.from_bytes(data[:2], "big")
        assert data == data[:size] * 50
    await served.stop()


def test_a_port_in_use_is_told_with_who_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(StartError) as told:
        bind(taken.getsockname()[1], ["127.0.0.1"])
    port = int(told.value.what.split()[2])
    assert str(told.value).startswith(f"TCP port {port} is in use by ")
    assert f"(pid {os.getpid()}); stop that, or name with --dns-listen the addresses" in str(told.value)


def test_a_port_that_is_in_use_over_udp_alone() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        port = free_port()
        taken.bind(("127.0.0.1", port))
        with pytest.raises(StartError, match=rf"^UDP port {port} is in use by .* \(pid {os.getpid()}\); stop that"):
            bind(port, ["127.0.0.1"])
    bind(port, ["127.0.0.1"]).close()


def test_any_port_is_one_that_both_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """What TCP is given may be taken over UDP: another one is tried."""
    refused: list[int] = []
    really = bound

    def unlucky(family: int, address: Any) -> socket.socket:
        if len(refused) < 3:
            refused.append(address[1])
            raise OSError(98, "Address already in use")
        return really(family, address)

    monkeypatch.setattr(server, "bound", unlucky)
    sockets = bind(0, ["127.0.0.1"])
    assert len(refused) == 3
    assert sockets.streams[0].getsockname() == sockets.datagrams[0].getsockname()
    sockets.close()


def test_an_address_that_is_not_this_machine_s() -> None:
    with pytest.raises(StartError, match=r"TCP port 5353 cannot be bound: Cannot assign requested address"):
        bind(5353, ["192.0.2.1"])
