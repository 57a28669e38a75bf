"""Machines register with a whole router over real TLS: who gets a name, and who is refused, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet import ssl as tx_ssl
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.threads import deferToThread
from twisted.web.resource import Resource
from twisted.web.server import Site

from bench.ports import free_port
from tests.integration.edge import DOMAIN
from tests.integration.router import TOKEN, external_port, give_token, registered, router

if TYPE_CHECKING:
    from pathlib import Path


@pytest_twisted.ensureDeferred
async def test_a_machine_gets_a_name_and_visitors_get_there(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, headers):
        machine, told = await registered(at, port)
        name = told.said["name"]
        assert name.startswith("app-")
        assert told.said["url"] == f"https://{name}.{DOMAIN}:{at.service.port}"
        assert (told.said["routers"], told.said["lease"], told.said["renew"]) == (["127.0.0.1"], 90, 30)
        assert told.said["nonce_seconds"] == 180
        assert [header.source for header in headers] == [None], "the router spoke for itself"
        assert await deferToThread(at.visit, name) == (200, b"hello")
        assert (headers[1].source, headers[1].authority) == ("127.0.0.1", f"{name}.{DOMAIN}".encode())
        renewed = await at.does(machine, "renew")
        assert (renewed.status, renewed.said["name"]) == (200, name)
        released = await at.does(machine, "release")
        assert (released.status, released.said["released"]) == (200, name)
        status, page = await deferToThread(at.visit, name)
        assert (status, b"has been away since" in page) == (503, True)
        assert (await at.does(machine, "release")).status == 200
        assert (await at.does(machine, "register")).said["name"] == name
        assert len(headers) == 3, "renewals ask nothing"


@pytest_twisted.ensureDeferred
async def test_a_replay_is_refused_and_so_is_another_ones_signature(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, _):
        machine, _ = await registered(at, port)
        body = machine.body("renew")
        assert (await deferToThread(machine.ask, "renew", body)).status == 200
        replayed = await deferToThread(machine.ask, "renew", body)
        assert (replayed.status, replayed.said["error"]) == (428, "nonce")
        stranger = at.machine(port)
        await deferToThread(stranger.ask, "challenge")
        forged = {**stranger.body("renew"), "machine": machine.body("renew")["machine"]}
        refused = await deferToThread(stranger.ask, "renew", forged)
        assert (refused.status, refused.said["told"]) == (
            403,
            "the signature is not of this machine's key, or not over this request",
        )
        moved = {**stranger.body("renew"), "port": 1}
        assert (await deferToThread(stranger.ask, "renew", moved)).status == 403
        other = await at.does(stranger, "renew")
        assert (other.status, other.said["error"]) == (404, "lease")


@pytest_twisted.ensureDeferred
async def test_tokens_that_are_not_good(reactor: Any, tmp_path: Path) -> None:
    give_token(tmp_path / "state")
    give_token(tmp_path / "state", b"revoked", revoked=2.0)
    give_token(tmp_path / "state", b"expired", expires=2.0)
    async with router(reactor, tmp_path) as at:
        for token in (b"wrong", b"revoked", b"expired", b""):
            for does in ("challenge", "register", "renew", "release"):
                machine = at.machine(12345, token)
                told = await deferToThread(machine.ask, does, {} if does == "challenge" else machine.body(does))
                assert (told.status, told.said["error"]) == (401, "token")
                assert told.fields["www-authenticate"] == "Bearer"
                assert "nonce" not in told.said
        assert len(at.service.control.nonces) == 0


@pytest_twisted.ensureDeferred
async def test_a_revoked_token_renews_nothing(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, _):
        machine, _ = await registered(at, port)
        give_token(tmp_path / "state", revoked=2.0)
        assert (await at.does(machine, "renew")).status == 401


@pytest_twisted.ensureDeferred
async def test_a_port_outside_of_the_tokens_range_is_not_even_asked(reactor: Any, tmp_path: Path) -> None:
    give_token(tmp_path / "state", first_port=1, last_port=2)
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, headers):
        told = await at.does(at.machine(port), "register")
        assert (told.status, told.said["error"]) == (403, "refused")
        assert f"port {port} is not among 1 to 2" in told.said["told"]
        assert not headers


@pytest_twisted.ensureDeferred
async def test_the_address_is_the_peers_own(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor, "127.0.0.3") as (port, _):
        told = await at.does(at.machine(port, source="127.0.0.3"), "register")
        assert told.status == 200
        found = at.service.find(told.said["name"])
        assert found is not None
        assert found.address == "127.0.0.3"


@pytest_twisted.ensureDeferred
async def test_a_port_that_speaks_tls_is_refused(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at:
        said = at.service.settings
        context = tx_ssl.DefaultOpenSSLContextFactory(str(said.key), str(said.certificate))
        site = Site(Resource())
        site.noisy = False
        listening = reactor.listenSSL(0, site, context, interface="127.0.0.1")
        told = await at.does(at.machine(listening.getHost().port), "register")
        await listening.stopListening()
        assert (told.status, told.said["error"]) == (422, "tls")
        assert "bring no self-signed certificate on your port" in told.said["told"]


@pytest_twisted.ensureDeferred
async def test_a_port_that_is_closed_or_speaks_otherwise(reactor: Any, tmp_path: Path) -> None:
    class Otherwise(Protocol):
        def connectionMade(self) -> None:
            self.transport.write(b"SSH-2.0-OpenSSH_9.2\r\n")  # type: ignore[union-attr]

    factory = Factory.forProtocol(Otherwise)
    factory.noisy = False
    listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
    async with router(reactor, tmp_path) as at:
        for port in (free_port(), listening.getHost().port):
            told = await at.does(at.machine(port), "register")
            assert (told.status, told.said["error"]) == (422, "port")
            assert told.said["told"] == f"127.0.0.1:{port} does not answer the router in plain HTTP"
    await listening.stopListening()


def test_the_token_stands_nowhere(tmp_path: Path) -> None:
    give_token(tmp_path / "state")
    for path in (tmp_path / "state").iterdir():
        assert TOKEN not in path.read_bytes()
