"""A page for one person: who may open it, and what it gets; over real sockets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.observe.served import PICTURE, Served
from webproxy.observe.page_site import MOST

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_twisted.async_yield_fixture
async def served(reactor: Any) -> AsyncIterator[Served]:
    one = Served(reactor)
    yield one
    await one.listening.stopListening()
    await deferLater(reactor, 0.01, lambda: None)


@pytest_twisted.ensureDeferred
async def test_the_token_opens_once_and_the_cookie_from_then_on(served: Served) -> None:
    token = served.site.token
    for path in ("/", "/live.js", "/now", "/?token=", "/?token=wrong", "/?token=%ff"):
        assert (await served.asks(path))[0] == 403
    cookie = await served.cookie()
    status, told, _ = await served.asks(f"/?token={token}")
    assert (status, told.endswith(b"Ask for another: webproxy live\n")) == (403, True)
    status, page, _ = await served.asks("/", Cookie=cookie)
    assert (status, b"<title>webproxy live</title>" in page) == (200, True)
    assert (await served.asks("/live.css", Cookie=cookie))[0] == 200
    assert (await served.asks("/live.css", Cookie=cookie + "x"))[0] == 403


@pytest_twisted.ensureDeferred
async def test_another_host_is_refused_even_with_the_cookie(served: Served) -> None:
    cookie = await served.cookie()
    assert (await served.asks("/", Cookie=cookie, Host="evil.example"))[0] == 421
    assert (await served.asks("/", Cookie=cookie, Host="localhost:9"))[0] == 200


@pytest_twisted.ensureDeferred
async def test_pictures_come_while_a_page_is_open(served: Served, reactor: Any) -> None:
    cookie = await served.cookie()
    page = await deferToThread(served.ask, "/now", Cookie=cookie)

    def events(wanted: bytes) -> Any:
        while True:
            line = page.readline()
            if line.startswith(b"event: "):
                data = json.loads(page.readline().removeprefix(b"data: "))
                if line.strip() == b"event: " + wanted:
                    return data

    assert await deferToThread(events, b"picture") == PICTURE
    served.client.away = True
    assert await deferToThread(events, b"away") == {"reason": "the admin endpoint does not answer"}
    page.close()
    await deferLater(reactor, 1.5, lambda: None)
    asked = served.client.asked
    await deferLater(reactor, 1.5, lambda: None)
    assert served.client.asked == asked, "it goes on asking for a page that is closed"


@pytest_twisted.ensureDeferred
async def test_pages_are_bounded(served: Served) -> None:
    cookie = await served.cookie()
    pages = [await deferToThread(served.ask, "/now", Cookie=cookie) for _ in range(MOST)]
    assert (await served.asks("/now", Cookie=cookie))[0] == 503
    for page in pages:
        page.close()
