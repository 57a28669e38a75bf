"""The composition root: a proxy that starts, serves and stops."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from bench.ports import free_port
from tests.integration.live import Internal, live
from webproxy.errors import SettingsError, StartError
from webproxy.net.connect import connect
from webproxy.net.destination import Tcp, Unix
from webproxy.net.listen import listen
from webproxy.service import make_service
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.live import Peer

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"


async def answered(proxy: Any, client: Peer) -> bytes:
    client.says(GET)
    upstream = await proxy.internal.peer()
    await upstream.hears(b"\r\n\r\n")
    upstream.says(OK)
    return await client.hears(b"\r\n\r\nok")


@pytest_twisted.ensureDeferred
async def test_it_serves(reactor: Any) -> None:
    async with live(reactor) as proxy:
        assert repr(proxy.service) == f"<ProxyService port={proxy.port} running>"
        assert await answered(proxy, await proxy.client()) == OK


@pytest_twisted.ensureDeferred
async def test_it_listens_on_ipv4_and_ipv6(reactor: Any) -> None:
    async with live(reactor, listen=()) as proxy:
        for host in ("127.0.0.1", "::1"):
            client: Any = await connect(reactor, Tcp(host, proxy.port), lambda: proxy.internal.buildProtocol(None), 5.0)
            proxy.internal.peers.remove(client)
            assert await answered(proxy, client) == OK
            client.link.loseConnection()


@pytest_twisted.ensureDeferred
async def test_the_internal_service_may_be_a_unix_socket(reactor: Any, tmp_path: Path) -> None:
    internal = Internal(reactor)
    path = str(tmp_path / "service.sock")
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(path)
        sock.listen()
        sock.setblocking(False)
        listening = listen(reactor, internal, sock)
        async with live(reactor) as proxy:
            proxy.service.pool._destinations = [Unix(path)]
            proxy.internal = internal
            assert await answered(proxy, await proxy.client()) == OK
        await listening.stop()


def settings(port: int) -> Settings:
    return Settings(internal=(Tcp("127.0.0.1", 1),), port=port, listen=("127.0.0.1",), access_log="none")


def test_a_port_in_use_is_refused_with_its_owner(reactor: Any) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartError, match=rf"port {port} is in use by .*pid.*--port"):
            make_service(settings(port), reactor).privilegedStartService()


def test_an_address_that_is_not_ours_is_refused(reactor: Any) -> None:
    service = make_service(
        Settings(internal=(Tcp("127.0.0.1", 1),), port=free_port(), listen=("203.0.113.1",), access_log="none"), reactor
    )
    with pytest.raises(StartError, match=r"cannot be bound: .*--port"):
        service.privilegedStartService()


def test_who_listens_is_not_to_blame_for_an_address_that_is_not_ours(reactor: Any) -> None:
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        service = make_service(replace(settings(port), listen=("203.0.113.1",)), reactor)
        with pytest.raises(StartError, match=rf"^port {port} cannot be bound: Cannot assign requested address"):
            service.privilegedStartService()


@pytest_twisted.ensureDeferred
async def test_a_service_that_is_up_is_asked_for_its_name_before_the_first_request(reactor: Any) -> None:
    with capturedLogs() as events:
        async with live(reactor, upstream_host="auto") as proxy:
            upstream = await proxy.internal.peer()
            question = await upstream.hears(b"\r\n\r\n")
            upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            await upstream.gone()
            assert proxy.service.rule.settled
    assert question.startswith(b"HEAD / HTTP/1.1\r\nHost: webproxy-probe.invalid\r\n")
    assert [event["finding"] for event in events if "finding" in event] == [
        "takes any name: it gets the Host that clients send"
    ]


@pytest_twisted.ensureDeferred
async def test_stop_waits_for_what_runs_and_accepts_nothing_new(reactor: Any) -> None:
    async with live(reactor, drain=5.0) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        stopped = proxy.service.stopService()
        await proxy.passes(0.1)
        with pytest.raises(Exception, match=r"[Rr]efused"):
            await proxy.client()
        assert not stopped.called
        upstream.says(OK)
        assert b"\r\nConnection: close\r\n" in await client.hears(b"\r\n\r\nok")
        await stopped
        proxy.service.stopService = lambda: stopped  # type: ignore[method-assign]


@pytest_twisted.ensureDeferred
async def test_stop_cuts_what_does_not_end_in_time(reactor: Any) -> None:
    async with live(reactor, drain=0.3) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        begun = monotonic()
        stopped = proxy.service.stopService()
        await stopped
        assert 0.25 < monotonic() - begun < 2
        await client.gone()
        await upstream.gone()
        proxy.service.stopService = lambda: stopped  # type: ignore[method-assign]


def test_files_that_cannot_be_used_are_refused_before_the_start(reactor: Any) -> None:
    with pytest.raises(SettingsError, match="/nowhere/keys: cannot be read"):
        make_service(replace(settings(1), credentials=CredentialSources(keys="/nowhere/keys")), reactor)
