"""The demo's page behind webproxy, in a browser: what users see of the proxy, which is nothing."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from tests.integration.browser import CHROMIUM
from tests.integration.cards import CARDS, choose, fact, hurry, pause_and_resume, start_download, state
from tests.integration.relay import Relay
from webproxy.net.destination import Tcp
from webproxy.service import make_service
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.browser import Browser, Page
    from tests.integration.conftest import Demo

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


class Proxied(NamedTuple):
    """The demo, a hop that a test can break, webproxy, and a tab that reached the page through all of it."""

    demo: Demo
    relay: Relay
    port: int
    page: Page


@contextlib.asynccontextmanager
async def webproxy(reactor: Any, internal: int) -> AsyncIterator[int]:
    """A proxy in front of a port; gives the port that it listens on."""
    settings = Settings(
        internal=(Tcp("127.0.0.1", internal),), port=0, listen=("127.0.0.1",), access_log="none", drain=0.2
    )
    service = make_service(settings, reactor)
    service.startService()
    address: Any = service._listening[0].getHost()
    try:
        yield address.port
    finally:
        stopped = service.stopService()
        assert isinstance(stopped, Deferred)
        await stopped


@pytest_twisted.async_yield_fixture
async def proxied(reactor: Any, demo: Demo, browser: Browser) -> AsyncIterator[Proxied]:
    relay = Relay(reactor, demo.port, hold=0.005)
    async with webproxy(reactor, relay.port) as port:
        page = await browser.page(f"http://demo.example:{port}/")
        yield Proxied(demo, relay, port, page)
        await page.close()
    await relay.close()


@pytest_twisted.ensureDeferred
async def test_everything_runs_and_nothing_is_held_back(reactor: Any, demo: Demo, browser: Browser) -> None:
    async with webproxy(reactor, demo.port) as port:
        page = await browser.page(f"http://demo.example:{port}/")
        await hurry(page)
        await page.click("#run-all")
        await page.until("document.querySelector('#run-all-state').textContent === 'All of it works.'", 60)
        assert [await page.evaluate(state(card)) for card in CARDS] == ["done"] * 6
        for card in ("sse", "ndjson"):
            assert await page.text(f"#{card} .verdict") == "Nothing on the way held the words back."
            assert await fact(page, card, "Pieces") == "95"
        assert await page.text("#download .verdict") == "Every byte is right."
        assert await page.text("#upload .verdict") == "Every byte arrived."
        assert await fact(page, "socket", "Round trips") == "20"
        assert browser.errors == []
        await page.close()


@pytest_twisted.ensureDeferred
async def test_the_page_sees_that_it_came_through_a_proxy(proxied: Proxied) -> None:
    page = proxied.page
    await page.until(f"{state('fields')} === 'done'")
    assert (await page.text("#fields .verdict")).startswith("A proxy stands between")
    assert await page.text("#road-browser") == "127.0.0.1"
    assert await page.text("#road-how") == "through a proxy"
    told = dict([row.split("\t", 1) for row in (await page.text("#fields tbody")).split("\n") if "\t" in row])
    assert told["Host"] == f"demo.example:{proxied.port}"


@pytest_twisted.ensureDeferred
async def test_stop_in_the_browser_stops_the_service(proxied: Proxied) -> None:
    page, streams = proxied.page, proxied.demo.tallies.streams
    await choose(page, "interval", "0.5")
    for left, card in enumerate(("sse", "ndjson"), 1):
        await page.click(f"#{card} [type=submit]")
        await page.until(f"document.querySelector('#{card} .screen').textContent !== ''")
        assert streams.running == 1
        await page.click(f"#{card} .stop")
        await page.until(f"{state(card)} === 'idle'")
        assert (await page.text(f"#{card} .verdict")).startswith("The service stopped generating within ")
        assert (streams.running, streams.left) == (0, left)


@pytest_twisted.ensureDeferred
async def test_a_closed_tab_stops_everything(reactor: Any, demo: Demo, browser: Browser) -> None:
    tallies = demo.tallies
    kinds = (tallies.streams, tallies.downloads, tallies.sockets)
    async with webproxy(reactor, demo.port) as port:
        page = await browser.page(demo.url.replace(str(demo.port), str(port)))
        await choose(page, "interval", "1")
        await start_download(page)
        for card in ("sse", "ndjson", "socket"):
            await page.click(f"#{card} [type=submit]")
        await page.until("!document.querySelector('#socket .send').disabled")
        assert [tally.running for tally in kinds] == [2, 1, 1]
        await page.close()
        deadline = reactor.seconds() + 5
        while any(tally.running for tally in kinds):
            assert reactor.seconds() < deadline, tallies
            await deferLater(reactor, 0.01, lambda: None)
        assert (tallies.streams.left, tallies.downloads.left) == (2, 1)


@pytest_twisted.ensureDeferred
async def test_a_download_goes_on_where_it_was_paused(proxied: Proxied) -> None:
    await start_download(proxied.page)
    await pause_and_resume(proxied.page)


@pytest_twisted.ensureDeferred
async def test_the_socket_stays_open_for_messages(proxied: Proxied) -> None:
    page = proxied.page
    await page.click("#socket [type=submit]")
    await page.click("#socket .send")
    await page.until("/^Hello … [0-9.]+ ms/.test(document.querySelector('#socket .screen').innerText)")
    await page.click("#socket .stop")
    await page.until(f"{state('socket')} === 'done'")
    assert await page.text("#socket .state") == "closed (1000)"
    assert proxied.demo.tallies.sockets.running == 0


@pytest_twisted.ensureDeferred
async def test_a_service_that_breaks_off_is_not_made_to_look_complete(proxied: Proxied) -> None:
    page = proxied.page
    await choose(page, "interval", "0.5")
    for card in ("sse", "ndjson"):
        await page.click(f"#{card} [type=submit]")
        await page.until(f"document.querySelector('#{card} .screen').textContent !== ''")
        proxied.relay.cut()
        await page.until(f"{state(card)} === 'failed'")
        assert await page.text(f"#{card} .verdict") == "The connection ended before the answer was complete."
    await start_download(page)
    proxied.relay.cut()
    await page.until(f"{state('download')} === 'failed'")


@pytest_twisted.ensureDeferred
async def test_a_service_that_is_not_there_is_said_in_a_sentence(proxied: Proxied) -> None:
    page = proxied.page
    await page.until(f"{state('fields')} === 'done'")
    await proxied.relay.refuse()
    await page.click("#fields [type=submit]")
    await page.until(f"{state('fields')} === 'failed'")
    await page.click("#upload [type=submit]")
    await page.until(f"{state('upload')} === 'failed'")
    for card in ("fields", "upload"):
        verdict = await page.text(f"#{card} .verdict")
        assert verdict.startswith("502 ")
        assert f"127.0.0.1:{proxied.relay.port}" in verdict
