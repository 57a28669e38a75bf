"""Connecting: to whom, how long, and what is left behind when it fails."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet import error as tx
from twisted.internet.defer import CancelledError
from twisted.internet.task import deferLater

from tests.integration.test_listening import KEEP_ALIVE, needs_ipv6
from tests.peers import FarEnd, Recorder, logged_failures, serving, until
from webproxy.net.connect import connect
from webproxy.net.destination import Tcp, Unix

if TYPE_CHECKING:
    from collections.abc import Iterator


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def descriptors_are_back(number: int) -> bool:
    """Fewer will do: what tests before left behind may go meanwhile."""
    return descriptors() <= number


@contextmanager
def full_queue() -> Iterator[Tcp]:
    """A destination that answers nothing: its listener's queue is full, so the kernel drops what comes."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        clients = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(listener.getsockname())
            clients.append(client)
        try:
            yield Tcp(*listener.getsockname())
        finally:
            for client in clients:
                client.close()


async def close(reactor: Any, protocol: Any) -> None:
    protocol.transport.abortConnection()
    await until(reactor, lambda: protocol.lost, "the connection was lost")


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        pytest.param("::1", "::1", marks=needs_ipv6),
        ("localhost", "127.0.0.1"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_connecting_by_address_and_by_name(reactor: Any, host: str, address: str) -> None:
    async with serving(reactor, address=address) as served:
        protocol = await connect(reactor, Tcp(host, served.name[1]), Recorder, 5)
        assert protocol.events == ["made"]
        await until(reactor, lambda: served.protocols, "the connection was accepted")
        assert protocol.transport.getPeer().host == address
        assert protocol.transport.getHost() == served.addresses[0]
        protocol.transport.write(b"hello")
        await until(reactor, lambda: served.protocols[0].received == b"hello", "it was read")
        served.protocols[0].transport.write(b"answer")
        await until(reactor, lambda: protocol.received == b"answer", "the answer was read")
        await close(reactor, protocol)


@pytest_twisted.ensureDeferred
async def test_the_news_comes_before_the_first_byte(reactor: Any) -> None:
    class Greets(Recorder):
        def connectionMade(self) -> None:
            super().connectionMade()
            self.transport.write(b"hello")  # type: ignore[union-attr]

    async with serving(reactor, Greets) as served:
        protocol = await connect(reactor, Tcp(*served.name), Recorder, 5)
        assert (protocol.events, protocol.received) == (["made"], b"")
        await until(reactor, lambda: protocol.received == b"hello", "it was read")
        await close(reactor, protocol)


@pytest_twisted.ensureDeferred
async def test_the_leg_finds_vanished_peers(reactor: Any) -> None:
    async with serving(reactor) as served:
        protocol = await connect(reactor, Tcp(*served.name), Recorder, 5)
        handle = protocol.transport.getHandle()
        assert {option: handle.getsockopt(*option) for option in KEEP_ALIVE} == KEEP_ALIVE
        assert not protocol.transport.getTcpKeepAlive()  # nobody vanishes from this machine
        await close(reactor, protocol)


@pytest_twisted.ensureDeferred
async def test_connecting_to_a_unix_socket(reactor: Any, tmp_path: Path) -> None:
    path = tmp_path / "service.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        protocol = await connect(reactor, Unix(str(path)), Recorder, 5)
        peer = FarEnd(reactor, listener.accept()[0])
        protocol.transport.write(b"hello")
        assert await peer.read_exactly(5) == b"hello"
        peer.say(b"answer")
        await until(reactor, lambda: protocol.received == b"answer", "the answer was read")
        assert protocol.transport.getPeer().name == str(path).encode()
        peer.close()
        await until(reactor, lambda: protocol.lost, "the connection was lost")
        assert isinstance(protocol.reason, tx.ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_nobody_listens(reactor: Any, tmp_path: Path) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        for destination in (
            Tcp(*unused.getsockname()),
            Tcp("localhost", unused.getsockname()[1]),
            Unix(str(tmp_path / "none.sock")),
        ):
            before = descriptors()
            with pytest.raises(tx.ConnectionRefusedError):
                await connect(reactor, destination, Recorder, 5)
            await until(reactor, partial(descriptors_are_back, before), "the socket was closed")


@pytest_twisted.ensureDeferred
async def test_a_name_that_does_not_exist(reactor: Any) -> None:
    with pytest.raises(tx.DNSLookupError):
        await connect(reactor, Tcp("does-not-exist.invalid", 80), Recorder, 5)


@pytest_twisted.ensureDeferred
async def test_a_timeout_is_kept_and_leaves_nothing(reactor: Any) -> None:
    with full_queue() as destination, logged_failures() as failures:
        before = descriptors()
        started = reactor.seconds()
        with pytest.raises(tx.TimeoutError):
            await connect(reactor, destination, Recorder, 0.1)
        assert 0.09 <= reactor.seconds() - started < 1
        await until(reactor, partial(descriptors_are_back, before), "the socket was closed")
    assert not failures


@pytest_twisted.ensureDeferred
async def test_cancelling_leaves_nothing(reactor: Any) -> None:
    with full_queue() as destination, logged_failures() as failures:
        before = descriptors()
        attempt = connect(reactor, destination, Recorder, 5)
        await deferLater(reactor, 0.02)
        attempt.cancel()
        with pytest.raises(CancelledError):
            await attempt
        await until(reactor, partial(descriptors_are_back, before), "the socket was closed")
    assert not failures


@pytest.mark.parametrize("turns", range(8))
@pytest_twisted.ensureDeferred
async def test_cancelling_at_every_turn_on_the_way(reactor: Any, turns: int) -> None:
    built: list[Recorder] = []

    def build() -> Recorder:
        built.append(Recorder())
        return built[-1]

    async with serving(reactor) as served:
        with logged_failures() as failures:
            attempt = connect(reactor, Tcp(*served.name), build, 5)
            for _ in range(turns):
                await deferLater(reactor, 0)
            before = attempt.called
            attempt.cancel()
            if before:
                await close(reactor, await attempt)
            else:
                with pytest.raises(CancelledError):
                    await attempt
            await until(reactor, lambda: all(protocol.lost for protocol in built), "what was built has ended")
            await until(reactor, lambda: all(ours.lost for ours in served.protocols), "the other end saw it")
        assert len(built) == before
        assert not failures


@pytest_twisted.ensureDeferred
async def test_a_protocol_that_cannot_be_built_fails_the_attempt(reactor: Any) -> None:
    def build() -> Recorder:
        raise ZeroDivisionError

    async with serving(reactor) as served:
        with pytest.raises(ZeroDivisionError):
            await connect(reactor, Tcp(*served.name), build, 5)
        await until(reactor, lambda: served.protocols and served.protocols[0].lost, "the other end saw a close")
