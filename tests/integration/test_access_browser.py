"""A browser with a login: everything of the demo's page works, and pages of other origins get nothing of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.web.server import Site
from twisted.web.static import Data

from bench.ports import free_port
from tests.integration.browser import CHROMIUM
from tests.integration.cards import CARDS, fact, hurry, state
from webproxy.access.secret import Secret
from webproxy.net.destination import Tcp
from webproxy.service import make_service
from webproxy.settings.credentials import CredentialSources
from webproxy.settings.model import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.integration.browser import Browser, Page
    from tests.integration.conftest import Demo

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

USER = "björn"
PASSWORD = "pässwörd å 🦊"
ASKED = '{"messages": [{"role": "user", "content": "Hi"}]}'

#: Opens a WebSocket; what becomes of it.
SOCKET = """new Promise(resolve => {
    const socket = new WebSocket(%r);
    socket.onopen = () => resolve("open");
    socket.onerror = () => resolve("refused");
})"""
#: Listens for three events; their data.
EVENTS = """new Promise((resolve, reject) => {
    const source = new EventSource("/events?count=3&interval=0.01"), found = [];
    source.onmessage = event => { found.push(event.data); if (found.length === 3) { source.close(); resolve(found) } };
    source.onerror = () => reject(new Error("refused"));
})"""
#: Asks as a page that has a token of its own.
OWN = "fetch('/fields', {headers: {Authorization: 'Bearer of-the-app'}}).then(answer => answer.status)"
#: Posts as any page can, with all that the browser has.
POST = """fetch(%r, {method: "POST", mode: "no-cors", credentials: "include", body: %r})
    .then(answer => answer.text()).then(() => "sent")"""
#: Goes there with a form.
FORM = """(() => {
    const form = document.body.appendChild(document.createElement("form"));
    form.method = "post", form.action = %r, form.enctype = "text/plain";
    const input = form.appendChild(document.createElement("input"));
    input.name = %r.slice(0, -1) + ', "a": "', input.value = '"}';
    form.submit();
})()"""


@contextlib.asynccontextmanager
async def protected(reactor: Any, internal: int, password: str = PASSWORD) -> AsyncIterator[int]:
    """A proxy with a password; gives the port that it listens on."""
    settings = Settings(
        internal=(Tcp("127.0.0.1", internal),),
        port=free_port(),  # the session's name tells it
        listen=("127.0.0.1",),
        access_log="none",
        admin="none",
        drain=0.2,
        credentials=CredentialSources(user=USER, password=Secret(password.encode())),
    )
    service = make_service(settings, reactor)
    service.startService()
    try:
        yield settings.port
    finally:
        stopped = service.stopService()
        assert isinstance(stopped, Deferred)
        await stopped


@contextlib.asynccontextmanager
async def tab(browser: Browser, url: str = "about:blank", *, strange: bool = False) -> AsyncIterator[Page]:
    page = await browser.page(url, strange=strange)
    yield page
    await page.close()


@pytest_twisted.ensureDeferred
async def test_after_the_login_everything_works(reactor: Any, demo: Demo, browser: Browser) -> None:
    async with protected(reactor, demo.port) as port, tab(browser) as page:
        assert await page.log_in(f"http://demo.example:{port}/", USER, PASSWORD) == 1
        await hurry(page)
        await page.click("#run-all")
        await page.until("document.querySelector('#run-all-state').textContent === 'All of it works.'", 60)
        assert [await page.evaluate(state(card)) for card in CARDS] == ["done"] * 6
        assert await fact(page, "socket", "Round trips") == "20"
        assert len(await page.evaluate(EVENTS)) == 3


@pytest_twisted.ensureDeferred
async def test_a_wrong_password_shows_nothing_of_the_service(reactor: Any, demo: Demo, browser: Browser) -> None:
    async with protected(reactor, demo.port) as port, tab(browser) as page:
        assert await page.log_in(f"http://demo.example:{port}/", USER, "wrong") == 2
        assert "webproxy: this service" in await page.evaluate("document.body.innerText")


@pytest_twisted.ensureDeferred
async def test_the_session_alone_opens_sockets_and_streams(reactor: Any, demo: Demo, browser: Browser) -> None:
    """As in browsers that send no Basic there: nothing but the cookie is taken over into a fresh profile."""
    async with protected(reactor, demo.port) as port, tab(browser) as page:
        url = f"http://demo.example:{port}/"
        await page.log_in(url, USER, PASSWORD)
        assert await page.evaluate("document.cookie") == ""
        cookies = {one["name"]: one for one in (await page.call("Network.getCookies", urls=[url]))["cookies"]}
        cookie = cookies[f"webproxy-session-{port}"]
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
        async with tab(browser, strange=True) as other:
            await other.call("Network.setCookie", name=cookie["name"], value=cookie["value"], url=url)
            await other.open(url)
            assert await other.evaluate(SOCKET % f"ws://demo.example:{port}/echo") == "open"
            assert len(await other.evaluate(EVENTS)) == 3
            assert await other.evaluate(OWN) == 200


@pytest.mark.parametrize("host", ["demo.example", "127.0.0.1"], ids=["another port", "another site"])
@pytest_twisted.ensureDeferred
async def test_a_page_of_another_origin_gets_nothing(reactor: Any, demo: Demo, browser: Browser, host: str) -> None:
    """On another port of the same host it even has the cookie, for cookies know no ports."""
    async with protected(reactor, demo.port) as port, other_site(reactor) as other, tab(browser) as page:
        await page.log_in(f"http://demo.example:{port}/", USER, PASSWORD)
        chat = f"http://demo.example:{port}/api/chat?interval=0"
        socket, post = SOCKET % f"ws://demo.example:{port}/echo", POST % (chat, ASKED)
        assert (await page.evaluate(socket), await page.evaluate(post)) == ("open", "sent")
        assert begun(demo) == (1, 1)
        async with tab(browser, f"http://{host}:{other}/") as foreign:
            assert await foreign.evaluate(socket) == "refused"
            await foreign.evaluate(post)
            assert await foreign.evaluate(FORM % (chat, ASKED)) is None
            await foreign.until("document.body?.innerText.includes('webproxy')")
        assert begun(demo) == (1, 1)


@pytest_twisted.ensureDeferred
async def test_two_proxies_on_one_host_do_not_disturb_each_other(reactor: Any, demo: Demo, browser: Browser) -> None:
    async with contextlib.AsyncExitStack() as stack:
        one = await stack.enter_async_context(protected(reactor, demo.port))
        two = await stack.enter_async_context(protected(reactor, demo.port, "another"))
        first, second = [await stack.enter_async_context(tab(browser)) for _ in range(2)]
        assert await first.log_in(f"http://demo.example:{one}/", USER, PASSWORD) == 1
        assert await second.log_in(f"http://demo.example:{two}/", USER, "another") == 1
        for page, port in ((first, one), (second, two), (first, one)):
            assert await page.evaluate(SOCKET % f"ws://demo.example:{port}/echo") == "open"
            assert len(await page.evaluate(EVENTS)) == 3
            assert await page.evaluate(OWN) == 200


def begun(demo: Demo) -> tuple[int, int]:
    """How many sockets and generations the service has seen begin."""
    sockets, streams = demo.tallies.sockets, demo.tallies.streams
    return sockets.running + sockets.finished + sockets.left, streams.running + streams.finished + streams.left


@contextlib.asynccontextmanager
async def other_site(reactor: Any) -> AsyncIterator[int]:
    """A page of somebody else; gives its port."""
    listening = reactor.listenTCP(0, Site(Data(b"<!DOCTYPE html><p>Look!", "text/html")), interface="127.0.0.1")
    yield listening.getHost().port
    await listening.stopListening()
