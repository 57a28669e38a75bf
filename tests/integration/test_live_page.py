"""The live page in a browser: what runs, how it is reclassified, and a click that closes it.

With ``WEBPROXY_PICTURES=docs/images`` the pictures of the documentation are made here.
"""

from __future__ import annotations

import json
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred

from tests.integration.browser import CHROMIUM
from tests.integration.live import live
from webproxy.net.destination import Unix
from webproxy.observe.admin_client import AdminClient
from webproxy.observe.live_site import LiveSite

if TYPE_CHECKING:
    from tests.integration.browser import Browser, Page
    from tests.integration.live import Live, Peer

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

ROWS = "document.querySelectorAll('#running tbody tr')"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
FILE = b"HTTP/1.1 200 OK\r\nContent-Disposition: attachment\r\nContent-Length: 80000000\r\n\r\n"


async def asked(proxy: Live, request: bytes) -> tuple[Peer, Peer]:
    """Send a request; the client, and the internal service that has read it."""
    before = len(proxy.internal.peers)
    client = await proxy.client()
    client.says(request)
    upstream = await proxy.internal.peer(before)
    await upstream.hears(b"\r\n\r\n")
    return client, upstream


def cell(row: int, name: str) -> str:
    return f"{ROWS}[{row}].querySelector('.{name}').innerText"


async def flows(proxy: Live, download: Peer, stream: Peer) -> None:
    """Let both move for a moment, at a varying pace; for the pictures as long as a reader would have waited."""
    for step in range(200 if "WEBPROXY_PICTURES" in os.environ else 60):
        download.says(b"x" * (20_000 + 12_000 * (step // 7 % 3)))
        if step % 3:
            stream.says(b"5\r\nhello\r\n" * (1 + step % 5))
        await proxy.passes(0.2)


async def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with the page as it is."""
    source = resources.files("axe_core_python").joinpath("axe.min.js").read_text()
    await page.evaluate(source + "; undefined")
    found = await page.evaluate("axe.run().then(result => JSON.stringify(result.violations))")
    return [f"{one['id']}: {one['help']}: {one['nodes'][0]['html']}" for one in json.loads(found)]


@pytest_twisted.ensureDeferred
async def test_what_runs_is_seen_and_closed(reactor: Any, browser: Browser, tmp_path: Path) -> None:
    async with live(reactor, admin=Unix(str(tmp_path / "w.sock"))) as proxy:
        site = LiveSite(AdminClient(Unix(str(tmp_path / "w.sock"))), reactor)
        listening = reactor.listenTCP(0, site, interface="127.0.0.1")
        page = await browser.page(f"http://127.0.0.1:{listening.getHost().port}/?token={site.token}")
        await page.until("document.querySelector('#nothing').hidden === false")
        await page.until(f"document.querySelector('#port').textContent === '{proxy.port}'")

        client, upstream = await asked(proxy, b"GET /report HTTP/1.1\r\nHost: h\r\n\r\n")
        await page.until(f"{ROWS}.length === 1 && {ROWS}[0].cells[0].innerText.trim() === 'DEFAULT'")
        upstream.says(FILE + b"x" * 1000)
        # within a second, and what a busy machine takes to show it
        await page.until(f"{ROWS}[0].cells[0].innerText.startsWith('DEFAULT>DOWNLOAD')", 3)
        assert "content-disposition" in await page.evaluate(f"{ROWS}[0].cells[0].innerText")

        chat, generator = await asked(
            proxy, b"POST /v1/chat/completions HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n"
        )
        generator.says(STREAM + b"5\r\nhello\r\n")
        await page.until(f"{ROWS}.length === 2 && {cell(1, 'state')}.startsWith('answering')")
        assert await page.evaluate(cell(1, "request")) == "POST /v1/chat/completions"
        flowing: Deferred[None] = Deferred.fromCoroutine(flows(proxy, upstream, generator))
        await proxy.passes(20 if "WEBPROXY_PICTURES" in os.environ else 0)
        await page.until(f"{ROWS}[0].querySelector('.rate').innerText.includes('kB/s')")
        await page.until("document.querySelector('#classes .DOWNLOAD .rate').innerText.includes('kB/s')")
        assert "0 running" in await page.text("#classes .DEFAULT .ended")
        assert await axe(page) == []
        for scheme in ("light", "dark"):
            picture = await page.look(1200, scheme)
            assert await axe(page) == []
            if folder := os.environ.get("WEBPROXY_PICTURES"):
                Path(folder, f"live-{scheme}.png").write_bytes(picture)  # noqa: ASYNC240 - by hand, now and then

        await flowing
        await page.evaluate(f"{ROWS}[1].querySelector('button').focus()")
        await page.press("Enter")
        await chat.gone()
        await generator.gone()
        await page.until(f"{ROWS}.length === 1")
        await page.until("document.querySelector('#failures').innerText.includes('an operator closed it')")
        assert client.ended is None
        assert await axe(page) == []
        assert browser.errors == []
        await page.close()
        await listening.stopListening()


@pytest_twisted.ensureDeferred
async def test_a_proxy_that_ends_is_said_to_have_ended(reactor: Any, browser: Browser, tmp_path: Path) -> None:
    async with live(reactor, admin=Unix(str(tmp_path / "w.sock"))):
        site = LiveSite(AdminClient(Unix(str(tmp_path / "w.sock"))), reactor)
        listening = reactor.listenTCP(0, site, interface="127.0.0.1")
        page = await browser.page(f"http://127.0.0.1:{listening.getHost().port}/?token={site.token}")
        await page.until("document.querySelector('#state').textContent.includes('connected')")
    await page.until("document.querySelector('#state').textContent.includes('does not answer')")
    await page.close()
    await listening.stopListening()
