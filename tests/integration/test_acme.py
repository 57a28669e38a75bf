"""Certificates from Pebble, as in life: by the router's own name server, on port 80, by a command; and renewed."""

from __future__ import annotations

import contextlib
import stat
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.threads import deferToThread

from bench.ports import free_port
from tests.integration.edge import DOMAIN, certificate, until
from tests.integration.pebble import pebble
from tests.integration.router import CONTROL, external_port, registered, router
from webproxy.router.acme.settings import AcmeSettings
from webproxy.router.dns.settings import DnsSettings, Facts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.integration.pebble import Pebble
    from tests.integration.router import Running

WILD = f"*.{DOMAIN}"


def of_control(folder: Path) -> dict[str, Path]:
    """The control port's own certificate, which the machines of these tests trust."""
    chain, key = certificate(folder, CONTROL)
    return {"control_certificate": chain, "control_key": key}


def own_dns(port: int) -> DnsSettings:
    facts = Facts(domain=DOMAIN, addresses=("127.0.0.1",), servers=(f"ns1.{DOMAIN}",), contact=f"hostmaster@{DOMAIN}")
    return DnsSettings(facts=facts, port=port, listen=("127.0.0.1",))


def asks(at: Pebble, **more: Any) -> AcmeSettings:
    return AcmeSettings(directory=at.directory, ca=at.ca, **more)


@contextlib.asynccontextmanager
async def certified(reactor: Any, folder: Path, at: Pebble, **more: Any) -> AsyncIterator[Running]:
    """A router that has asked its authority, and whose visitors trust that."""
    async with router(reactor, folder, **{**of_control(folder), "acme": asks(at), **more}) as running:
        root = folder / "root.pem"
        root.write_bytes(await deferToThread(at.root))
        running.visitors_trust(root)
        yield running


async def active(reactor: Any, at: Running, name: str = WILD) -> Any:
    """Wait until a certificate is there; give its status."""

    def found() -> Any:
        return next((one for one in at.service.certificate_status() if name in one.names), None)

    await until(reactor, lambda: found() is not None and found().state == "active")
    return found()


@pytest_twisted.ensureDeferred
async def test_one_for_all_names_by_the_routers_own_name_server(reactor: Any, tmp_path: Path) -> None:
    port = free_port()
    with pebble(tmp_path / "pebble", port) as at:
        async with (
            certified(reactor, tmp_path, at, dns=own_dns(port)) as running,
            external_port(reactor) as (machine_port, _),
        ):
            (first, _control) = running.service.certificate_status()
            assert (first.names, first.state, first.why) == ((WILD,), "pending", "")
            _, told = await registered(running, machine_port)
            found = await active(reactor, running)
            assert found.not_before < found.next_try < found.not_after
            assert found.next_try == pytest.approx(found.not_after - (found.not_after - found.not_before) / 3)
            assert await deferToThread(running.visit, told.said["name"]) == (200, b"hello")
            kept = sorted((tmp_path / "state" / "acme").iterdir())
            assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
            assert not [file.name for file in kept if file.suffix in (".order", ".unfinished", ".damaged")]
