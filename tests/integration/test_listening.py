"""Listening: what accepted connections are told about themselves, and what stopping does to them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.task import deferLater

from tests.peers import Accepting, FarEnd, Recorder, serving, until
from webproxy.net.listen import bind_tcp, has_ipv6, listen
from webproxy.net.reactor import native_loop

if TYPE_CHECKING:
    from pathlib import Path

needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")

KEEP_ALIVE = {
    (socket.IPPROTO_TCP, socket.TCP_NODELAY): 1,
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE): 30,
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL): 10,
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT): 6,
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT): 90_000,
}


@pytest_twisted.ensureDeferred
async def test_addresses_of_an_ipv4_connection(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        assert ours.transport.getPeer() == IPv4Address("TCP", *peer.sock.getsockname())
        assert ours.transport.getHost() == IPv4Address("TCP", *peer.sock.getpeername())
        assert served.addresses == [ours.transport.getPeer()]
        assert served.listening.getHost() == ours.transport.getHost()


@needs_ipv6
@pytest_twisted.ensureDeferred
async def test_addresses_of_an_ipv6_connection(reactor: Any) -> None:
    async with serving(reactor, address="::1") as served:
        ours, peer = await served.connected()
        assert ours.transport.getPeer() == IPv6Address("TCP", *peer.sock.getsockname()[:2])
        assert ours.transport.getHost() == IPv6Address("TCP", *peer.sock.getpeername()[:2])
        assert served.listening.getHost() == ours.transport.getHost()


@pytest_twisted.ensureDeferred
async def test_addresses_survive_the_end(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        transport, name = ours.transport, peer.sock.getsockname()
        peer.close()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert transport.fileno() == -1
        assert transport.getPeer() == IPv4Address("TCP", *name)


@pytest_twisted.ensureDeferred
async def test_an_accepted_connection_inherits_what_finds_vanished_peers(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        handle = ours.transport.getHandle()
        assert {option: handle.getsockopt(*option) for option in KEEP_ALIVE} == KEEP_ALIVE
        assert ours.transport.getTcpNoDelay()
        # nobody vanishes from this machine; our own transports say so, Twisted's keep what the listener has
        assert ours.transport.getTcpKeepAlive() is (native_loop(reactor) is None)


@pytest_twisted.ensureDeferred
async def test_options_can_be_set(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected()
        ours.transport.setTcpNoDelay(False)
        ours.transport.setTcpKeepAlive(False)
        assert (ours.transport.getTcpNoDelay(), ours.transport.getTcpKeepAlive()) == (False, False)
        ours.transport.setTcpNoDelay(True)
        ours.transport.setTcpKeepAlive(True)
        assert (ours.transport.getTcpNoDelay(), ours.transport.getTcpKeepAlive()) == (True, True)


@pytest_twisted.ensureDeferred
async def test_a_unix_socket_is_served_too(reactor: Any, tmp_path: Path) -> None:
    factory = Accepting(Recorder)
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(tmp_path / "service.sock"))
    listening = listen(reactor, factory, sock)
    assert listening.getHost() == UNIXAddress(str(tmp_path / "service.sock"))
    client = socket.socket(socket.AF_UNIX)
    client.connect(str(tmp_path / "service.sock"))
    peer = FarEnd(reactor, client)
    peer.say(b"hello")
    await until(reactor, lambda: factory.protocols and factory.protocols[0].received == b"hello", "it was read")
    ours = factory.protocols[0]
    transport = ours.transport
    assert isinstance(transport.getPeer(), UNIXAddress)
    transport.write(b"answer")
    assert await peer.read_exactly(6) == b"answer"
    peer.close()
    await until(reactor, lambda: ours.lost, "the connection was lost")
    await listening.stop()


@pytest_twisted.ensureDeferred
async def test_stopping_leaves_connections_alone(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected()
        assert "open" in repr(served.listening)
        await served.listening.stop()
        await served.listening.stop()
        assert "stopped" in repr(served.listening)
        with pytest.raises(ConnectionRefusedError):
            served.dial()
        peer.say(b"still here")
        await until(reactor, lambda: ours.received == b"still here", "it was read")
        ours.transport.write(b"so am I")
        assert await peer.read_exactly(7) == b"so am I"


@pytest_twisted.ensureDeferred
async def test_a_factory_that_builds_nothing_refuses_the_connection(reactor: Any) -> None:
    async with serving(reactor, lambda: None) as served:
        peer = served.dial()
        assert await peer.read_to_end() == b""
        assert len(served.addresses) == 1


@pytest_twisted.ensureDeferred
async def test_connections_that_waited_before_listening_began_are_served(reactor: Any) -> None:
    sock = bind_tcp(0, ["127.0.0.1"])[0]
    client = socket.create_connection(sock.getsockname())
    peer = FarEnd(reactor, client)
    peer.say(b"early")
    await deferLater(reactor, 0.02)
    factory = Accepting(Recorder)
    listening = listen(reactor, factory, sock)
    await until(reactor, lambda: factory.protocols and factory.protocols[0].received == b"early", "it was read")
    peer.close()
    await until(reactor, lambda: factory.protocols[0].lost, "the connection was lost")
    await listening.stop()


@pytest_twisted.ensureDeferred
async def test_a_port_that_somebody_else_listens_on_is_an_error(reactor: Any) -> None:
    async with serving(reactor) as served:
        with pytest.raises(OSError, match="in use"):
            bind_tcp(served.name[1], ["127.0.0.1"])
        with socket.socket() as late:
            late.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            with pytest.raises(OSError, match="in use"):
                late.bind(served.name)
