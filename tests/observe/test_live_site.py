"""The live page: who may open it, and what it gets; over real sockets."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from webproxy.errors import StartError
from webproxy.observe.live_site import MOST, LiveSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PICTURE = {"port": 12345, "exchanges": []}


class Client:
    """An admin client that has its own idea of what runs."""

    def __init__(self) -> None:
        self.asked = 0
        self.away = False
        self.closed: list[str] = []

    def now(self) -> dict[str, Any]:
        self.asked += 1
        if self.away:
            raise StartError("the admin endpoint does not answer")
        return PICTURE

    def close(self, identity: str) -> bool:
        if self.away:
            raise StartError("the admin endpoint does not answer")
        self.closed.append(identity)
        return identity == "runs"


class Served:
    """The page on a free port."""

    def __init__(self, reactor: Any) -> None:
        self.client = Client()
        self.site = LiveSite(self.client, reactor)  # type: ignore[arg-type]
        self.listening = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.port: int = self.listening.getHost().port

    def ask(self, path: str, method: str = "GET", **fields: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request(method, path, headers={**fields, "Connection": "close"})
        return connection.getresponse()

    async def asks(self, path: str, method: str = "GET", **fields: str) -> tuple[int, bytes, str]:
        """Ask; status, body, cookie."""

        def whole() -> tuple[int, bytes, str]:
            with self.ask(path, method, **fields) as answer:
                return answer.status, answer.read(), answer.headers.get("Set-Cookie", "")

        return await deferToThread(whole)

    async def cookie(self) -> str:
        """Come in."""
        status, _, cookie = await self.asks(f"/?token={self.site.token}")
        assert (status, "HttpOnly" in cookie, "SameSite=strict" in cookie) == (303, True, True)
        return cookie.partition(";")[0]


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
    assert (await served.asks(f"/?token={token}"))[0] == 403
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


@pytest.mark.parametrize(
    ("identity", "away", "status"),
    [("runs", False, 204), ("over", False, 404), ("a%2Fb", False, 404), ("runs", True, 502)],
)
@pytest_twisted.ensureDeferred
async def test_one_exchange_is_closed(served: Served, identity: str, away: bool, status: int) -> None:
    cookie = await served.cookie()
    served.client.away = away
    assert (await served.asks(f"/exchanges/{identity}", "DELETE"))[0] == 403
    assert (await served.asks(f"/exchanges/{identity}", "DELETE", Cookie=cookie))[0] == status
