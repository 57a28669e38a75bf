"""Other settings while it runs: they hold from the next request on, and nothing that runs is cut."""

from __future__ import annotations

import signal
from base64 import b64encode
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.live import Internal, live
from tests.integration.supervisor import Supervisor
from tests.integration.test_start import internal
from tests.judged import once_each
from webproxy.access.secret import Secret
from webproxy.errors import SettingsError, StartError
from webproxy.net.destination import Tcp
from webproxy.net.listen import bind_tcp, listen
from webproxy.policy import Policy
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.policies import Chosen, choose, named

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.live import Live, Peer

__all__ = ["internal"]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def change(proxy: Live, **given: Any) -> None:
    proxy.service.apply(replace(proxy.service.settings, **given))


async def asked(proxy: Live, client: Peer, request: bytes = GET, index: int = -1) -> bytes:
    """Ask, and have it answered; what the internal service got."""
    client.says(request)
    upstream = await proxy.internal.peer(index)
    heard = await upstream.hears(b"\r\n\r\n")
    upstream.says(OK)
    await client.hears(b"\r\n\r\nok")
    return heard


@pytest_twisted.ensureDeferred
async def test_a_stream_runs_on_through_every_change(reactor: Any, tmp_path: Path) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(GET)
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(STREAM)
        changes: list[dict[str, Any]] = [
            {"policies": choose([named("timeout:default=1s,long=1s")])[0]},
            {"trust": ("127.0.0.0/8",), "max_connections": 1.0, "max_body": 1.0},
            {"access_log": str(tmp_path / "access.log")},
            {"on_disconnect": "drain", "wait_upstream": 5.0, "public_url": "https://gpu.example"},
            {"internal": (Tcp("127.0.0.1", 9),)},
            {"upstream_host": "rewrite", "drain": 0.1},
        ]
        for number, given in enumerate(changes):
            change(proxy, **given)
            upstream.says(b"1\r\n%d\r\n" % number)
            await client.hears(b"1\r\n%d\r\n" % number)
        upstream.says(b"0\r\n\r\n")
        await client.hears(b"0\r\n\r\n")


@pytest_twisted.ensureDeferred
async def test_a_websocket_stays_open_through_every_change(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        client.says(
            b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        upstream = await proxy.internal.peer()
        await upstream.hears(b"\r\n\r\n")
        upstream.says(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
        )
        await client.hears(b"\r\n\r\n")
        for given in ({"trust": ("::/0",)}, {"internal": (Tcp("127.0.0.1", 9),)}, {"max_connections": 1.0}):
            change(proxy, **given)
            client.says(b"ping")
            await upstream.hears(b"ping")
            upstream.says(b"pong")
            await client.hears(b"pong")


@pytest_twisted.ensureDeferred
async def test_a_repeated_head_is_judged_anew(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        await asked(proxy, client)
        await asked(proxy, client)
        change(proxy, policies=choose([named("timeout:default=300ms")])[0])
        client.says(GET)
        assert b" 504 " in await client.hears(b"\r\n\r\n")


@pytest_twisted.ensureDeferred
async def test_a_repeated_head_is_told_anew(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        request = b"GET / HTTP/1.1\r\nHost: gpu.example\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n"
        assert b"192.0.2.7" not in await asked(proxy, client, request)
        change(proxy, trust=("127.0.0.1/32",))
        assert b"192.0.2.7" in await asked(proxy, client, request)
        change(proxy, public_url="https://gpu.example", trust=())
        heard = await asked(proxy, client, request)
        assert b"192.0.2.7" not in heard
        assert b"X-Forwarded-Proto: https\r\n" in heard


def anna(password: str) -> CredentialSources:
    return CredentialSources(user="anna", password=Secret(password.encode()))


def shows(password: str) -> bytes:
    return GET[:-2] + b"Authorization: Basic " + b64encode(f"anna:{password}".encode()) + b"\r\n\r\n"


async def refused(client: Peer, request: bytes) -> bool:
    """Ask; whether a password is wanted."""
    client.says(request)
    return b" 401 " in await client.hears(b"\r\n\r\n")


@pytest_twisted.ensureDeferred
async def test_who_may_come_in_changes_for_those_who_are_connected_too(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        await asked(proxy, client)
        await asked(proxy, client)
        change(proxy, credentials=anna("first"))
        assert await refused(client, GET)
        client = await proxy.client()
        await asked(proxy, client, shows("first"))
        await asked(proxy, client, shows("first"))
        change(proxy, credentials=anna("second"))
        assert await refused(client, shows("first"))
        client = await proxy.client()
        await asked(proxy, client, shows("second"))
        change(proxy, credentials=None)
        assert b"Authorization: Basic" in await asked(proxy, client, shows("first"))


@pytest_twisted.ensureDeferred
async def test_limits_hold_for_the_next(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        await asked(proxy, client)
        change(proxy, max_body=5.0)
        client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\n")
        assert b" 413 " in await client.hears(b"\r\n\r\n")


@pytest_twisted.ensureDeferred
async def test_a_service_that_moved_gets_the_next_request(reactor: Any) -> None:
    async with live(reactor) as proxy:
        client = await proxy.client()
        await asked(proxy, client)
        before = await proxy.internal.peer()
        moved = Internal(reactor)
        (sock,) = bind_tcp(0, ["127.0.0.1"])
        where = Tcp("127.0.0.1", sock.getsockname()[1])
        listening = listen(reactor, moved, sock)
        change(proxy, internal=(where,))
        await before.gone()
        proxy.internal = moved
        await asked(proxy, client)
        change(proxy, drain=1.0)
        assert len(proxy.service._pools) == 1
        for peer in moved.peers:
            peer.link.abortConnection()
        await listening.stop()


@pytest_twisted.ensureDeferred
async def test_the_access_log_goes_where_it_is_sent(reactor: Any, tmp_path: Path) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    async with live(reactor, access_log=str(first)) as proxy:
        client = await proxy.client()
        await asked(proxy, client)
        change(proxy, access_log=str(second))
        await asked(proxy, client)
    assert (len(first.read_text().splitlines()), len(second.read_text().splitlines())) == (1, 1)


@pytest_twisted.ensureDeferred
async def test_a_log_that_was_moved_away_is_opened_anew(reactor: Any, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    async with live(reactor, access_log=str(path)) as proxy:
        path.rename(tmp_path / "access.log.1")
        change(proxy)
        client = await proxy.client()
        await asked(proxy, client)
    assert len(path.read_text().splitlines()) == 1


class Remembers(Policy):
    """A policy whose memory must not be lost."""

    name = "remembers"

    def __init__(self, colour: str = "") -> None:
        if colour == "wrong":
            raise ValueError("no such colour")
        self.before: Policy | None = None

    def replaces(self, before: Policy) -> None:
        self.before = before


@pytest_twisted.ensureDeferred
async def test_a_policy_that_did_not_change_keeps_its_memory(reactor: Any) -> None:
    chosen = (*choose(())[0], Chosen("remembers", Remembers, {"colour": "red"}, "a:1"))
    async with live(reactor, policies=chosen) as proxy:
        before = proxy.service.chain.policies
        change(proxy, policies=(*choose([named("timeout:long=1s")])[0], replace(chosen[1], where="a:2")))
        after = proxy.service.chain.policies
        assert after[1] is before[1]
        assert after[0] is not before[0]


@pytest_twisted.ensureDeferred
async def test_a_policy_that_changed_hands_its_memory_on(reactor: Any) -> None:
    chosen = (*choose(())[0], Chosen("remembers", Remembers, {"colour": "red"}, "a:1"))
    async with live(reactor, policies=chosen) as proxy:
        before = proxy.service.chain.policies[1]
        change(proxy, policies=(chosen[0], replace(chosen[1], values={"colour": "blue"})))
        after = proxy.service.chain.policies[1]
        assert isinstance(after, Remembers)
        assert after.before is before


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_done_changes_nothing(reactor: Any, tmp_path: Path) -> None:
    async with live(reactor) as proxy:
        site, settings = proxy.service.site, proxy.service.settings
        root = site.root
        wrong = Chosen("remembers", Remembers, {"colour": "wrong"}, "a:1")
        with pytest.raises(SettingsError, match="cannot be made"):
            change(proxy, policies=(wrong,), max_body=1.0)
        with pytest.raises(StartError, match="cannot be opened"):
            change(proxy, access_log=str(tmp_path / "no" / "where"), max_body=1.0)
        assert (site.root, proxy.service.settings) == (root, settings)
        await asked(proxy, await proxy.client())


@once_each
def test_sighup_of_a_process(tmp_path: Path, internal: str) -> None:
    with Supervisor(tmp_path) as systemd:
        file = tmp_path / f"{systemd.port}.toml"
        file.write_text(f'internal = "{internal}"\n')
        child = systemd.start("--config", file)
        systemd.hear("READY=1", child.pid)
        for text, told in (
            (
                f'internal = "{internal}"\nmax-connections = 7\nlisten = "127.0.0.1"\n',
                "reloaded: max-connections; only a",
            ),
            ('internal = "nowhere"\ndrain = 5\n', "reload refused, the old settings stay: "),
            ("internal = nowhere\n", "reload refused, the old settings stay: "),
            (f'internal = "{internal}"\nmax-connections = 7\n', "reloaded: nothing changed"),
            (f'internal = "{internal}"\nmax-connections = 7\nlog-level = "error"\n', "reloaded: log-level"),
            (f'internal = "{internal}"\nlog-level = "error"\n', "reloaded: max-connections"),
        ):
            file.write_text(text)
            systemd.forget()
            child.send_signal(signal.SIGHUP)
            systemd.hear("RELOADING=1", child.pid)
            systemd.hear("READY=1", child.pid)
            assert systemd.hear(f"STATUS={internal} -> {systemd.port}; {told}") == child.pid
            assert systemd.get()[1] == b"hello"
        log = systemd.log.read_text()
        assert f"{file}:2: drain: '5' has no unit" in log
        assert f"{file}:1: internal: 'nowhere' names no port" in log
        assert f"{file}:1: is not TOML" in log
        assert "Traceback" not in log
        assert "reloaded: nothing changed" in log
        assert "reloaded: max-connections\n" not in log  # it is told to the supervisor alone
