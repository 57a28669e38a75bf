"""The demo's page in a browser: what a newcomer presses and reads."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from tests.integration.browser import CHROMIUM
from tests.integration.cards import CARDS, choose, fact, hurry, pause_and_resume, start_download, state
from tests.integration.relay import Relay

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.integration.browser import Browser, Page
    from tests.integration.conftest import Demo

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


@pytest_twisted.async_yield_fixture
async def page(demo: Demo, browser: Browser) -> AsyncIterator[Page]:
    page = await browser.page(demo.url)
    yield page
    await page.close()


@pytest_twisted.ensureDeferred
async def test_everything_runs_under_any_name_without_an_error(demo: Demo, browser: Browser) -> None:
    page = await browser.page(f"http://demo.example:{demo.port}/")
    await hurry(page)
    await page.click("#run-all")
    await page.until("document.querySelector('#run-all-state').textContent === 'All of it works.'", 60)
    assert [await page.evaluate(state(card)) for card in CARDS] == ["done"] * 6
    assert (await page.text("#sse .screen")).startswith("You wrote “What do you see?”. These words")
    assert (await page.text("#ndjson .screen")).startswith("You wrote “And now line by line?”. These words")
    assert await fact(page, "sse", "Pieces") == await fact(page, "ndjson", "Pieces") == "95"
    assert await page.text("#sse .verdict") == "Nothing on the way held the words back."
    assert await fact(page, "socket", "Round trips") == "20"
    assert await page.text("#download .verdict") == "Every byte is right."
    assert await page.text("#upload .verdict") == "Every byte arrived."
    assert await page.text("#road-origin") == f"http://demo.example:{demo.port}"
    assert f"POST http://demo.example:{demo.port}/v1/chat/completions" == await page.text("#sse .address")
    assert await page.text("#fields .verdict") == "The browser asked the service directly: no field of a proxy arrived."
    assert browser.errors == []
    assert demo.tallies.streams.finished == 2
    await page.close()


@pytest_twisted.ensureDeferred
async def test_a_hop_that_collects_is_found_out(reactor: Any, demo: Demo, browser: Browser) -> None:
    relay = Relay(reactor, demo.port, hold=1.5)
    page = await browser.page(f"http://127.0.0.1:{relay.port}/")
    for card in ("sse", "ndjson"):
        await page.click(f"#{card} [type=submit]")
        await page.until(f"{state(card)} === 'done'")
        assert (await page.text(f"#{card} .verdict")).startswith("Something on the way held words back")
        assert await page.evaluate(f"document.querySelector('#{card} .verdict').dataset.good") == "false"
    await page.close()
    await relay.close()


@pytest_twisted.ensureDeferred
async def test_a_stream_that_is_cut_has_failed(reactor: Any, demo: Demo, browser: Browser) -> None:
    relay = Relay(reactor, demo.port, hold=0.01)
    page = await browser.page(f"http://127.0.0.1:{relay.port}/")
    await choose(page, "interval", "0.5")
    await page.click("#sse [type=submit]")
    await page.until("document.querySelector('#sse .screen').textContent !== ''")
    relay.cut()
    await page.until(f"{state('sse')} === 'failed'")
    assert await page.text("#sse .verdict") == "The connection ended before the answer was complete."
    await page.close()
    await relay.close()


@pytest_twisted.ensureDeferred
async def test_who_presses_stop_sees_the_service_stop(demo: Demo, page: Page) -> None:
    await choose(page, "interval", "0.5")
    await page.click("#ndjson [type=submit]")
    await page.until("document.querySelector('#ndjson .screen').textContent !== ''")
    assert demo.tallies.streams.running == 1
    await page.click("#ndjson .stop")
    await page.until(f"{state('ndjson')} === 'idle'")
    assert (await page.text("#ndjson .verdict")).startswith("The service stopped generating within ")
    assert (demo.tallies.streams.running, demo.tallies.streams.left) == (0, 1)
    await page.until("document.querySelector('#ledger tbody').rows[0].cells[3].textContent === '1'")


@pytest_twisted.ensureDeferred
async def test_who_stops_before_the_service_was_asked_accuses_nobody(page: Page) -> None:
    await page.evaluate(
        "document.querySelector('#sse form').requestSubmit(), document.querySelector('#sse .stop').click()"
    )
    await page.until(f"{state('sse')} === 'idle'")
    assert await page.text("#sse .verdict") == ""


@pytest_twisted.ensureDeferred
async def test_a_download_goes_on_where_it_was_paused(demo: Demo, page: Page) -> None:
    await start_download(page)
    await pause_and_resume(page)
    assert demo.tallies.downloads.left == demo.tallies.downloads.finished == 1


@pytest_twisted.ensureDeferred
async def test_a_download_can_be_stopped_while_it_is_paused(page: Page) -> None:
    await start_download(page)
    await page.click("#download .pause")
    await page.until("document.querySelector('#download .pause').textContent === 'Resume'")
    await page.click("#download .stop")
    await page.until(f"{state('download')} === 'idle'")
    assert (await page.text("#download .state")).startswith("stopped at ")
    await choose(page, "rate", "")
    await page.click("#download [type=submit]")
    await page.until(f"{state('download')} === 'done'")


@pytest_twisted.ensureDeferred
async def test_a_file_of_ones_own_arrives_as_it_is(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "own"
    file.write_bytes(b"some bytes\n" * 100_000)
    await page.choose("#upload [type=file]", file)
    await page.click("#upload [type=submit]")
    await page.until(f"{state('upload')} === 'done'")
    assert await fact(page, "upload", "SHA-256") == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest_twisted.ensureDeferred
async def test_the_socket_stays_open_for_messages(reactor: Any, demo: Demo, page: Page) -> None:
    await page.click("#socket [type=submit]")
    await page.click("#socket .send")
    await page.until("/^Hello … [0-9.]+ ms/.test(document.querySelector('#socket .screen').innerText)")
    await deferLater(reactor, 1.1, lambda: None)
    assert (await page.text("#socket .state")).startswith("open for ")
    await page.until(
        "/^open for [0-9]+ s, there and back in [0-9.]+ ms/.test(document.querySelector('#socket .state').innerText)"
    )
    assert demo.tallies.sockets.running == 1
    await page.click("#socket .stop")
    await page.until(f"{state('socket')} === 'done'")
    assert await page.text("#socket .state") == "closed (1000)"
    assert demo.tallies.sockets.running == 0


@pytest_twisted.ensureDeferred
async def test_a_socket_that_is_cut_has_failed(reactor: Any, demo: Demo, browser: Browser) -> None:
    relay = Relay(reactor, demo.port, hold=0.01)
    page = await browser.page(f"http://127.0.0.1:{relay.port}/")
    await page.click("#socket [type=submit]")
    await page.until("!document.querySelector('#socket .send').disabled")
    relay.cut()
    await page.until(f"{state('socket')} === 'failed'")
    assert "from the other side, without a word (code 1006)" in await page.text("#socket .verdict")
    await page.close()
    await relay.close()


@pytest.mark.parametrize("width", [320, 400, 1200])
@pytest_twisted.ensureDeferred
async def test_nothing_sticks_out_and_both_schemes_are_their_own(page: Page, width: int) -> None:
    grounds = set()
    for scheme in ("light", "dark"):
        await page.look(width, scheme)
        assert await page.evaluate("document.documentElement.scrollWidth") == width
        grounds.add(await page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert len(grounds) == 2


@pytest_twisted.ensureDeferred
async def test_every_control_has_a_name_for_a_screen_reader(page: Page) -> None:
    tree = await page.call("Accessibility.getFullAXTree")
    roles = {"button", "textbox", "combobox", "link", "progressbar", "image", "log", "region"}
    named = [(node["role"]["value"], node["name"]["value"]) for node in tree["nodes"] if node["role"]["value"] in roles]
    assert {role for role, _ in named} == roles
    assert [role for role, name in named if not name] == []


@pytest_twisted.ensureDeferred
async def test_the_first_tab_stop_skips_to_the_experiments(page: Page) -> None:
    await page.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the experiments"
    await page.press("Enter")
    await page.until("document.activeElement.id === 'experiments'")
    await page.press("Tab")
    assert await page.evaluate("document.activeElement.name") == "question"
    await page.press("Enter")
    await page.until(f"{state('sse')} === 'running'")


@pytest_twisted.ensureDeferred
async def test_the_pages_own_sha_256(page: Page) -> None:
    expression = """import("./sha256.js").then(({ Sha256 }) => Array.from({ length: 200 }, (_, n) => {
        const data = Uint8Array.from({ length: n }, (_, i) => i);
        const sha256 = new Sha256();
        for (let at = 0; at < n; at += 1 + (at % 67)) sha256.update(data.subarray(at, at + 1 + (at % 67)));
        return sha256.hex();
    }))"""
    expected = [hashlib.sha256(bytes(range(n))).hexdigest() for n in range(200)]
    assert await page.evaluate(expression) == expected
