"""The operator's page of the router in a browser: padlocks, their states, and a click that renews.

With ``WEBPROXY_PICTURES=docs/images`` the pictures of the documentation are made here.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from bench.ports import free_port
from tests.integration.browser import CHROMIUM
from tests.integration.pebble import pebble
from tests.integration.router import external_port, registered, router
from tests.integration.test_acme import certified, of_control, own_dns
from tests.integration.test_live_page import axe
from webproxy.net.destination import Unix
from webproxy.observe.admin_client import AdminClient
from webproxy.router.acme.solver import TextSolver
from webproxy.router.acme.status import CertificateStatus
from webproxy.router.face.live_site import RouterLiveSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.browser import Browser, Page
    from tests.integration.router import Running

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

ROWS = "document.querySelectorAll('#names tbody tr')"
STATE = "document.querySelector('#state').textContent"


def stands(at: Running, state: Any, **other: Any) -> None:
    """From now on the names' certificate is so."""
    said: dict[str, Any] = {"not_before": 0.0, "not_after": 2e9, "next_try": None, "why": "", **other}
    status = CertificateStatus(names=(f"*.{at.service.settings.domain}",), state=state, **said)
    at.service.padlocks._ask = lambda: [status]


async def pictures(page: Page, name: str) -> None:
    """Look at the page in both schemes; nothing about it may keep anybody out."""
    for scheme in ("light", "dark"):
        picture = await page.look(1200, scheme)
        assert await axe(page) == []
        if (folder := os.environ.get("WEBPROXY_PICTURES")) and name == "router":
            Path(folder, f"{name}-{scheme}.png").write_bytes(picture)  # noqa: ASYNC240 - by hand, now and then


@contextlib.asynccontextmanager
async def opened(reactor: Any, browser: Browser, place: Unix) -> AsyncIterator[Page]:
    """The page of the router whose endpoint is there."""
    site = RouterLiveSite(AdminClient(place), reactor)
    listening = reactor.listenTCP(0, site, interface="127.0.0.1")
    page = await browser.page(f"http://127.0.0.1:{listening.getHost().port}/?token={site.token}")
    yield page
    await page.close()
    await listening.stopListening()


@pytest_twisted.ensureDeferred
async def test_a_padlock_closes_while_somebody_looks(
    reactor: Any, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pebble gives the certificate, by the router's own name server; the proof waits until the page has been seen."""
    gate: Deferred[None] = Deferred()
    show = TextSolver.present

    async def present(solver: TextSolver, domain: str, name: str, value: str) -> None:
        await gate
        await show(solver, domain, name, value)

    monkeypatch.setattr(TextSolver, "present", present)
    port, place = free_port(), Unix(str(tmp_path / "r.sock"))
    (tmp_path / "control").mkdir()
    more: dict[str, Any] = {"dns": own_dns(port), "admin": place, **of_control(tmp_path / "control")}
    with pebble(tmp_path / "pebble", port) as authority:
        async with (
            certified(reactor, tmp_path, authority, **more) as at,
            external_port(reactor) as (machine_port, _),
            opened(reactor, browser, place) as page,
        ):
            await page.until("document.querySelector('#nothing').hidden === false")
            await page.until(f"{STATE}.startsWith('1 certificate is awaited.')")
            at.trusted = more["control_certificate"]
            machine, told = await registered(at, machine_port, "app")
            assert told.said["certificate"] == {"state": "pending", "not_after": None, "why": ""}
            at.service.control.internal[told.said["name"]] = "8080"
            await page.until(f"{ROWS}.length === 1 && {ROWS}[0].cells[0].innerText === 'pending'")
            way = await page.evaluate(f"{ROWS}[0].cells[1].innerText")
            assert way.strip() == f"8080 → {machine_port} → {told.said['url']}"
            assert await axe(page) == []

            gate.callback(None)
            await page.until(f"{ROWS}[0].cells[0].innerText === 'active'", 60)
            await page.until(f"{STATE}.startsWith('All padlocks are closed. 1 machine is there.')")
            renewal = await at.does(machine, "renew")
            assert renewal.said["certificate"]["state"] == "active"
            assert (await deferToThread(at.visit, told.said["name"]))[0] == 200
            await page.until(f"{ROWS}[0].cells[6].innerText !== '0 B'")
            await pictures(page, "router")
            assert browser.errors == []


@pytest_twisted.ensureDeferred
async def test_an_alarm_is_told_in_the_authoritys_words_and_a_press_renews(
    reactor: Any, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Unix(str(tmp_path / "r.sock"))
    async with router(reactor, tmp_path, admin=place) as at, opened(reactor, browser, place) as page:
        stands(at, "expiring", why="urn:ietf:params:acme:error:rateLimited: too many certificates", next_try=1.9e9)
        await page.until(f"{STATE}.startsWith('1 certificate needs you.')")
        assert "rateLimited: too many" in await page.text("#certificates .why")
        await pictures(page, "router-alarm")

        renewed: list[str] = []
        monkeypatch.setattr(at.service, "renew", renewed.append)
        await page.evaluate("document.querySelector('#certificates button').focus()")
        await page.press("Enter")
        await page.until("document.querySelector('#certificates button').innerText === 'Asked for'")
        assert renewed == [f"*.{at.service.settings.domain}"]
        assert browser.errors == []
