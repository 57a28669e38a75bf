"""The operator's page: what may be done there; over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest
import pytest_twisted
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread

from tests.observe.served import Served
from webproxy.errors import StartError
from webproxy.router.face.live_site import RouterLiveSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Client:
    """An admin client that has its own idea of what there is."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, bytes | None]] = []
        self.away = False

    def now(self) -> dict[str, Any]:
        return {}

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        if self.away:
            raise StartError("it does not answer")
        self.asked.append((method, path, body))
        return (202, b"") if body == b"{}" else (404, b"")


class Page(Served):
    """The page on a free port."""

    def __init__(self, reactor: Any) -> None:
        self.client: Any = Client()
        self.site: Any = RouterLiveSite(cast("Any", self.client), reactor)
        self.listening = reactor.listenTCP(0, self.site, interface="127.0.0.1")
        self.port = self.listening.getHost().port


@pytest_twisted.async_yield_fixture
async def page(reactor: Any) -> AsyncIterator[Page]:
    one = Page(reactor)
    yield one
    await one.listening.stopListening()
    await deferLater(reactor, 0.01, lambda: None)


@pytest_twisted.ensureDeferred
async def test_its_files_are_for_whom_the_token_was(page: Page) -> None:
    for path in ("/", "/router.js", "/router.css", "/renew"):
        assert (await page.asks(path))[0] == 403
    cookie = await page.cookie()
    for path in ("/", "/router.js", "/router.css"):
        assert (await page.asks(path, Cookie=cookie))[0] == 200
    _, told, _ = await page.asks("/?token=used")
    assert told.endswith(b"webproxy-router live\n")


@pytest.mark.parametrize(("body", "away", "status"), [("{}", False, 202), ("x", False, 404), ("{}", True, 502)])
@pytest_twisted.ensureDeferred
async def test_a_certificate_is_got_anew(page: Page, body: str, away: bool, status: int) -> None:
    cookie = await page.cookie()
    page.client.away = away

    def post(**fields: str) -> int:
        import http.client

        connection = http.client.HTTPConnection("127.0.0.1", page.port, timeout=20)
        connection.request("POST", "/renew", body, {**fields, "Connection": "close"})
        with connection.getresponse() as answer:
            return answer.status

    assert await deferToThread(post) == 403
    assert await deferToThread(post, Cookie=cookie) == status
    assert page.client.asked == ([] if away else [("POST", "/api/renew", body.encode())])
