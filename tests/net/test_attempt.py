"""Attempts on uvloop; what both kinds of connecting promise is in tests/integration/test_connecting.py."""

from __future__ import annotations

import asyncio
import socket
from errno import ECONNREFUSED, EHOSTUNREACH, ENETUNREACH
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet import error as tx
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater

from tests.peers import Recorder, logged_failures, serving, until
from webproxy.net.attempt import Attempt, ConnectedTransport, built_already, connect_error, is_literal
from webproxy.net.destination import Tcp, Unix

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("host", "literal"),
    [("127.0.0.1", True), ("::1", True), ("fe80::1%eth0", True), ("localhost", False), ("127.1", False), ("", False)],
)
def test_a_literal_needs_no_resolver(host: str, literal: bool) -> None:
    assert is_literal(host) is literal


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ConnectionRefusedError(ECONNREFUSED, "refused"), tx.ConnectionRefusedError),
        (FileNotFoundError(2, "No such file or directory"), tx.ConnectionRefusedError),
        (OSError(ENETUNREACH, "Network is unreachable"), tx.NoRouteError),
        (OSError(EHOSTUNREACH, "No route to host"), tx.ConnectError),
        (OSError("several"), tx.ConnectError),
        (socket.gaierror(-2, "Name or service not known"), tx.DNSLookupError),
        (ZeroDivisionError(), ZeroDivisionError),
    ],
)
def test_errors_are_twisteds(error: Exception, kind: type[Exception]) -> None:
    assert type(connect_error(error)) is kind


@pytest_twisted.ensureDeferred
async def test_a_unix_socket_with_a_full_queue_is_asked_again(
    loop: asyncio.AbstractEventLoop, reactor: Any, tmp_path: Path
) -> None:
    path = str(tmp_path / "service.sock")
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(path)
        listener.listen(0)
        first.connect(path)
        attempt = Attempt(loop, Recorder, 5).start(Unix(path))
        await deferLater(reactor, 0.05)
        assert not attempt.called
        listener.accept()[0].close()
        protocol = await attempt
        listener.accept()[0].close()
        await until(reactor, lambda: protocol.lost, "the connection was lost")


@pytest_twisted.ensureDeferred
async def test_the_first_address_that_answers_is_taken(
    loop: asyncio.AbstractEventLoop, reactor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(attempt: Attempt, host: str, port: int) -> list[tuple[str, int]]:
        assert host == "several"
        return [("127.0.0.2", port), ("127.0.0.1", port), ("127.0.0.3", port)]

    monkeypatch.setattr(Attempt, "_resolve", resolve)
    async with serving(reactor) as served:
        protocol = await Attempt(loop, Recorder, 5).start(Tcp("several", served.name[1]))
        assert protocol.transport.getPeer().host == "127.0.0.1"
        protocol.transport.loseConnection()
        await until(reactor, lambda: protocol.lost, "the connection was lost")


@pytest.mark.parametrize("give_up", ["cancel", "timeout"])
@pytest_twisted.ensureDeferred
async def test_giving_up_while_the_name_is_looked_up(
    loop: asyncio.AbstractEventLoop, reactor: Any, monkeypatch: pytest.MonkeyPatch, give_up: str
) -> None:
    begun, ended = [], []

    async def resolve(attempt: Attempt, host: str, port: int) -> list[tuple[str, int]]:
        begun.append(host)
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append(host)
        return []

    monkeypatch.setattr(Attempt, "_resolve", resolve)
    with logged_failures() as failures:
        attempt = Attempt(loop, Recorder, 0.05 if give_up == "timeout" else 5).start(Tcp("slow", 80))
        await until(reactor, lambda: begun, "the look-up began")
        if give_up == "cancel":
            attempt.cancel()
        with pytest.raises(CancelledError if give_up == "cancel" else tx.TimeoutError):
            await attempt
        await until(reactor, lambda: ended, "the look-up ended")
    assert not failures


@pytest_twisted.ensureDeferred
async def test_a_socket_connected_to_itself_is_nobody_listening(loop: asyncio.AbstractEventLoop, reactor: Any) -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.connect(sock.getsockname())
    built: list[Recorder] = []
    attempt = Attempt(loop, lambda: built.append(Recorder()) or built[0], 5)  # type: ignore[func-returns-value]
    connected = attempt._connected
    transport = ConnectedTransport(loop, attempt)
    await Deferred.fromFuture(loop.create_task(loop.create_connection(lambda: transport, sock=sock)))
    attempt._timer.cancel()
    with pytest.raises(tx.ConnectionRefusedError, match="itself"):
        await connected
    await until(reactor, lambda: transport.disconnected, "it was closed")
    sock.detach()  # uvloop has closed the descriptor
    assert not built


@pytest_twisted.ensureDeferred
async def test_a_connection_that_comes_after_giving_up_is_dropped(
    loop: asyncio.AbstractEventLoop, reactor: Any
) -> None:
    async with serving(reactor) as served:
        attempt = Attempt(loop, lambda: pytest.fail("nobody waits for it"), 5)
        connected = attempt.start(Tcp(*served.name))
        assert repr(attempt) == "<Attempt running>"
        attempt.fail(ZeroDivisionError())
        attempt.fail(ValueError())
        assert repr(attempt) == "<Attempt over>"
        with pytest.raises(ZeroDivisionError):
            await connected
        await until(reactor, lambda: served.protocols and served.protocols[0].lost, "the other end saw the close")


def test_a_transport_has_one_protocol() -> None:
    with pytest.raises(RuntimeError, match="one protocol"):
        built_already()
