"""The order in which requests are looked at; over real TLS also in tests/integration/test_registration.py."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from tests.integration.router import external_port, registered, router, until
from webproxy.router.nonces import Nonces
from webproxy.router.rates import Rates

if TYPE_CHECKING:
    from pathlib import Path


@pytest_twisted.ensureDeferred
async def test_a_flood_is_told_when_to_come_back_and_others_are_served(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor, "127.0.0.2") as (port, _):
        machine = at.machine(12345, b"wrong")

        def flood() -> list[int]:
            return [machine.ask("challenge").status for _ in range(150)]

        statuses = await deferToThread(flood)
        assert (statuses[:100], statuses[-1]) == ([401] * 100, 429)
        told = await deferToThread(machine.ask, "challenge")
        assert (told.said["error"], int(told.fields["retry-after"]) >= 1) == ("rate", True)
        assert (await at.does(at.machine(port, source="127.0.0.2"), "register")).status == 200


@pytest_twisted.ensureDeferred
async def test_ports_are_asked_a_few_at_a_time(reactor: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with router(reactor, tmp_path) as at:
            at.service.control._asking = (64, 1)
            first, second = (at.machine(silent.getsockname()[1]) for _ in range(2))
            waiting = at.does(first, "register")
            task = Deferred.fromCoroutine(waiting)
            await deferToThread(until, lambda: at.service.control._asked.total() == 1)
            told = await at.does(second, "register")
            assert (told.status, told.said["error"], told.fields["retry-after"]) == (503, "busy", "2")
            assert (await task).status == 422
            assert not at.service.control._asked


@pytest_twisted.ensureDeferred
async def test_registrations_with_one_token_are_bounded(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at, external_port(reactor) as (port, _):
        at.service.control._by_token = Rates(reactor.seconds, rate=0.1, burst=1)
        machine, _ = await registered(at, port)
        told = await at.does(machine, "register")
        assert (told.status, told.said["error"], told.fields["retry-after"]) == (429, "rate", "10")
        assert (await at.does(machine, "renew")).status == 200, "a lease lasts on"


@pytest_twisted.ensureDeferred
async def test_there_may_be_no_nonce_to_give(reactor: Any, tmp_path: Path) -> None:
    async with router(reactor, tmp_path) as at:
        at.service.control.nonces = Nonces(reactor.seconds, most=0)
        told = await deferToThread(at.machine(1).ask, "challenge")
        assert (told.status, told.said["error"]) == (503, "busy")
        assert repr(at.service.control).endswith("asking=0>")
