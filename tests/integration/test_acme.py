"""Certificates from Pebble, as in life: by the router's own name server, on port 80, by a command; and renewed."""

from __future__ import annotations

import contextlib
import socket
import ssl
import stat
import sys
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from cryptography import x509
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThread

from bench.ports import free_port
from tests.integration.edge import DOMAIN, certificate, received, until
from tests.integration.pebble import EAB, Records, pebble
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
        running.visited_with = root
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


@pytest_twisted.ensureDeferred
async def test_one_for_each_name_on_port_80(reactor: Any, tmp_path: Path) -> None:
    records, http_port = Records(reactor), free_port()
    with pebble(tmp_path / "pebble", records.port, http_port) as at:
        said = asks(at, challenge="http-01")
        async with (
            certified(reactor, tmp_path, at, acme=said, http_port=http_port) as running,
            external_port(reactor) as (machine_port, _),
            external_port(reactor) as (other_port, _),
        ):
            assert [told.names[-1] for told in running.service.certificate_status()] == [CONTROL]
            names = [
                (await registered(running, port, label))[1].said["name"]
                for port, label in ((machine_port, "app"), (other_port, "web"))
            ]
            for name in names:
                found = await active(reactor, running, f"{name}.{DOMAIN}")
                assert found.names == (f"{name}.{DOMAIN}",)
                assert await deferToThread(running.visit, name) == (200, b"hello")
            running.service.renew(f"{names[0]}.{DOMAIN}")
            with pytest.raises(LookupError, match="there is no certificate of"):
                running.service.renew("x.example.org")
    await records.close()


@pytest_twisted.ensureDeferred
async def test_by_a_command_and_with_an_account_elsewhere(reactor: Any, tmp_path: Path) -> None:
    records = Records(reactor)
    told = tmp_path / "told"
    script = tmp_path / "hook.py"
    script.write_text(
        "import sys, time\n"
        f"print(*sys.argv[1:], file=open({str(told)!r}, 'a'), flush=True)\n"
        "time.sleep(1)\n"  # until the record is seen everywhere
    )

    def set_records() -> None:
        """Do what a provider would."""
        for line in told.read_text().splitlines() if told.exists() else ():
            does, _, name, value = line.split()
            (records.add_text if does == "present" else records.remove_text)(name, value)

    providing = LoopingCall(set_records)
    providing.start(0.05)
    with pebble(tmp_path / "pebble", records.port, eab=True) as at:
        ((kid, key),) = EAB.items()
        said = asks(at, challenge="hook", hook=(sys.executable, str(script)), eab_kid=kid, eab_key=key)
        async with certified(reactor, tmp_path, at, acme=said) as running:
            await active(reactor, running)
    providing.stop()
    assert [line.split()[:3] for line in told.read_text().splitlines()] == [
        [does, DOMAIN, f"_acme-challenge.{DOMAIN}"] for does in ("present", "withdraw")
    ]
    await records.close()


@pytest_twisted.ensureDeferred
async def test_an_authority_that_wants_another_account_says_so(reactor: Any, tmp_path: Path) -> None:
    with pebble(tmp_path / "pebble", 1, eab=True) as at:
        async with certified(reactor, tmp_path, at, dns=own_dns(free_port())) as running:
            await until(reactor, lambda: running.service.certificate_status()[0].alarm)
            (told, _control) = running.service.certificate_status()
            assert told.state == "failed"
            assert "externalAccountRequired" in told.why


@pytest_twisted.ensureDeferred
async def test_it_is_renewed_with_a_third_of_its_lifetime_left(reactor: Any, tmp_path: Path) -> None:
    """The new one is used from the next handshake on; who is connected stays so."""
    port = free_port()
    with pebble(tmp_path / "pebble", port, lifetime=15) as at:
        async with (
            certified(reactor, tmp_path, at, dns=own_dns(port)) as running,
            external_port(reactor) as (machine_port, _),
        ):
            _, told = await registered(running, machine_port)
            first = await active(reactor, running)
            with contextlib.closing(await deferToThread(handshake, running, told.said["name"])) as sock:
                await until(reactor, lambda: running.service.certificate_status()[0].not_after > first.not_after)
                assert running.service.certificate_status()[0].not_before < first.not_after
                with contextlib.closing(await deferToThread(handshake, running, told.said["name"])) as again:
                    assert serial_of(again) != serial_of(sock)
                assert (await deferToThread(asked_on, sock)).endswith(b"hello")


def handshake(running: Running, name: str) -> ssl.SSLSocket:
    """Connect and shake hands; blocks."""
    sock = socket.create_connection(("127.0.0.1", running.service.port), 20)
    context = ssl.create_default_context(cafile=str(running.visited_with))
    return context.wrap_socket(sock, server_hostname=f"{name}.{DOMAIN}", suppress_ragged_eofs=False)


def serial_of(sock: ssl.SSLSocket) -> int:
    return x509.load_der_x509_certificate(sock.getpeercert(binary_form=True) or b"").serial_number


def asked_on(sock: ssl.SSLSocket) -> bytes:
    """Ask on a connection; blocks."""
    sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    return received(sock)


@pytest_twisted.ensureDeferred
async def test_until_there_is_one_nobody_is_let_in_and_machines_have_their_own(reactor: Any, tmp_path: Path) -> None:
    said = AcmeSettings(directory=f"https://localhost:{free_port()}/dir")
    async with (
        router(reactor, tmp_path, **of_control(tmp_path), acme=said, dns=own_dns(free_port())) as running,
        external_port(reactor) as (machine_port, _),
    ):
        _, told = await registered(running, machine_port)
        with pytest.raises(ssl.SSLError, match=r"(?i)internal.error"):
            await deferToThread(running.visit, told.said["name"])
        await until(reactor, lambda: running.service.certificate_status()[0].state == "failed")
        (wild, control) = running.service.certificate_status()
        assert wild.why.endswith("cannot be reached: Connection refused")
        assert control.state == "active"
    (tmp_path / "b").mkdir()
    async with router(reactor, tmp_path / "b", acme=said, dns=own_dns(free_port())) as running:
        with pytest.raises((ConnectionError, ssl.SSLError)):
            await deferToThread(running.machine(1).ask, "challenge")
