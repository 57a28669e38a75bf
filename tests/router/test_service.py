"""The whole router on real sockets: what it keeps over a restart, where it sends people, which certificate it shows."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.integration.edge import DOMAIN, certificate
from tests.integration.router import external_port, registered, router, until
from webproxy.router.state import STORE
from webproxy.router.store import Store

if TYPE_CHECKING:
    from pathlib import Path


@pytest_twisted.ensureDeferred
async def test_a_restart_of_the_router_needs_no_hand(reactor: Any, tmp_path: Path) -> None:
    async with external_port(reactor) as (port, _):
        async with router(reactor, tmp_path) as at:
            machine, told = await registered(at, port)
        async with router(reactor, tmp_path) as at:
            again = at.machine(port)
            again.key, again.nonce = machine.key, machine.nonce
            assert await deferToThread(at.visit, told.said["name"]) == (200, b"hello")
            stale = await at.does(again, "renew")
            assert (stale.status, stale.said["error"]) == (428, "nonce")
            renewed = await at.does(again, "renew")
            assert (renewed.status, renewed.said["name"]) == (200, told.said["name"])


@pytest_twisted.ensureDeferred
async def test_connections_go_only_to_networks_of_machines(reactor: Any, tmp_path: Path) -> None:
    async with external_port(reactor) as (port, _):
        async with router(reactor, tmp_path) as at:
            _, told = await registered(at, port)
        async with router(reactor, tmp_path, machines=("10.0.0.0/8",)) as at:
            with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
                await deferToThread(at.visit, told.said["name"])


@pytest_twisted.ensureDeferred
async def test_port_80_sends_to_https_what_is_ours_and_nothing_else(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, _):
        _, told = await registered(at, port)

        def asks(host: str) -> tuple[int, str | None]:
            connection = http.client.HTTPConnection("127.0.0.1", at.service.http_port, timeout=20)
            connection.request("GET", "/a?b=c", headers={"Host": host})
            answer = connection.getresponse()
            answer.read()
            connection.close()
            return answer.status, answer.getheader("location")

        ours = f"{told.said['name']}.{DOMAIN}"
        assert await deferToThread(asks, ours) == (308, f"https://{ours}:{at.service.port}/a?b=c")
        assert await deferToThread(asks, f"other-fox-chi.{DOMAIN}") == (404, None)
        assert await deferToThread(asks, "example.org") == (404, None)


@pytest_twisted.ensureDeferred
async def test_a_new_certificate_is_taken_up_and_a_broken_one_is_not(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, _):
        _, told = await registered(at, port)
        name = told.said["name"]
        before = at.service.certificates.context()
        certificate(tmp_path, f"*.{DOMAIN}")
        await deferToThread(until, lambda: at.service.certificates.context() is not before)
        assert await deferToThread(at.visit, name) == (200, b"hello")
        now = at.service.certificates.context()
        (tmp_path / "key.pem").write_text("broken")
        at.service.renew(f"*.{DOMAIN}")
        assert at.service.certificates.context() is now
        (stands,) = at.service.certificate_status()
        assert (stands.names[0], stands.state) == (f"*.{DOMAIN}", "expiring")
        assert "do not belong together" in stands.why
        with pytest.raises(LookupError, match=r"there is no certificate of x\.example\.org"):
            at.service.renew("x.example.org")


@pytest_twisted.ensureDeferred
async def test_the_control_port_may_have_its_own(reactor: Any, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    chain, key = certificate(tmp_path / "own", "router.internal")
    async with router(reactor, tmp_path, control_certificate=chain, control_key=key) as at:
        names = [told.names for told in at.service.certificate_status()]
        assert names == [(f"*.{DOMAIN}", "router.internal"), ("router.internal",)]
        at.service.renew()


@pytest_twisted.ensureDeferred
async def test_a_name_that_is_switched_off_while_somebody_is_connected(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, _):
        _, told = await registered(at, port)
        name = told.said["name"]
        context = ssl.create_default_context(cafile=str(at.service.settings.certificate))

        def visit() -> ssl.SSLSocket:
            sock = socket.create_connection(("127.0.0.1", at.service.port), 20)
            return context.wrap_socket(sock, server_hostname=f"{name}.{DOMAIN}")

        visitor = await deferToThread(visit)
        await deferToThread(until, lambda: at.service.front.traffic.total().connections == 1)
        store = Store(at.service.settings.state / STORE)
        found = store.name(name)
        assert found is not None
        store.put_name(found._replace(blocked="phishing"))
        store.close()
        with contextlib.suppress(OSError):  # a reset, or the end
            assert await deferToThread(visitor.recv, 100) == b""
        visitor.close()
        with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
            await deferToThread(visit)
