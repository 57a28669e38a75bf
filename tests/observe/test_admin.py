"""The admin endpoint over a real socket, asked by curl's like: urllib."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from tests.observe.watched import Watched, watched
from tests.scripted import GET, OK
from webproxy.observe.admin import AdminSite

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

TOKEN = b"0123456789abcdef"


class Endpoint:
    """An admin endpoint that listens, and what it looks at."""

    def __init__(self, reactor: Any, token: bytes = b"") -> None:
        self.seen: Watched = watched()
        self.port = reactor.listenTCP(0, AdminSite(self.seen.instance, token, reactor=reactor), interface="127.0.0.1")

    async def asks(self, path: str, method: str = "GET", **fields: str) -> tuple[int, bytes, str]:
        """Ask; status, body and type of the answer."""
        url = f"http://127.0.0.1:{self.port.getHost().port}{path}"
        request = urllib.request.Request(url, method=method, headers=fields)

        def ask() -> tuple[int, bytes, str]:
            try:
                with urllib.request.urlopen(request, timeout=20) as answer:
                    return answer.status, answer.read(), answer.headers["Content-Type"] or ""
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, error.read(), error.headers["Content-Type"] or ""

        return await deferToThread(ask)


@pytest_twisted.async_yield_fixture
async def endpoint(reactor: Any) -> AsyncIterator[Endpoint]:
    one = Endpoint(reactor)
    yield one
    await one.port.stopListening()


@pytest_twisted.async_yield_fixture
async def guarded(reactor: Any) -> AsyncIterator[Endpoint]:
    one = Endpoint(reactor, TOKEN)
    yield one
    await one.port.stopListening()


@pytest_twisted.ensureDeferred
async def test_what_it_answers(endpoint: Endpoint) -> None:
    assert await endpoint.asks("/health") == (200, b"ok\n", "text/plain; charset=utf-8")
    status, text, kind = await endpoint.asks("/metrics")
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    assert b"webproxy_upstream_up" in text
    status, text, kind = await endpoint.asks("/api/now")
    assert (status, kind, json.loads(text)["running"]) == (200, "application/json", 0)
    assert (await endpoint.asks("/nothing"))[0] == 404


@pytest_twisted.ensureDeferred
async def test_ready(endpoint: Endpoint) -> None:
    async def asked() -> Deferred[tuple[int, bytes, str]]:
        answer = Deferred.fromCoroutine(endpoint.asks("/ready"))
        while not endpoint.seen.wire.attempts:
            await deferToThread(lambda: None)
        return answer

    answer = await asked()
    endpoint.seen.wire.upstream()
    assert (await answer)[:2] == (200, b"ready\n")
    answer = await asked()
    endpoint.seen.wire.upstream_refuses()
    assert (await answer)[:2] == (503, b"nothing listens on 127.0.0.1:8080\n")


@pytest_twisted.ensureDeferred
async def test_an_exchange_is_closed(endpoint: Endpoint) -> None:
    seen = endpoint.seen
    seen.client.says(GET)
    seen.wire.upstream().says(OK + b"he")
    (row,) = seen.instance.running()
    assert (await endpoint.asks(f"/api/exchanges/{row.id}"))[0] == 405
    assert (await endpoint.asks(f"/api/exchanges/{row.id}", "DELETE"))[:2] == (204, b"")
    assert seen.client.end == "aborted"
    seen.client.leaves()
    assert (await endpoint.asks(f"/api/exchanges/{row.id}", "DELETE"))[:2] == (404, b"it is over already\n")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {TOKEN.decode()}"}, 401),
        ({"Authorization": f"bearer {TOKEN.decode()}"}, 200),
        ({"Authorization": f"Bearer {TOKEN.decode()}", "Host": "evil.example"}, 421),
        ({"Authorization": f"Bearer {TOKEN.decode()}", "Host": "localhost:1"}, 200),
    ],
)
@pytest_twisted.ensureDeferred
async def test_over_tcp_a_token_is_wanted_and_a_host_of_this_machine(
    guarded: Endpoint, fields: dict[str, str], status: int
) -> None:
    for path in ("/metrics", "/api/now", "/api/exchanges/x"):
        expected = 405 if status == 200 and "exchanges" in path else status
        assert (await guarded.asks(path, **fields))[0] == expected
