"""The proxy's admin endpoint over a real socket."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThread

from tests.observe.endpoint import Endpoint
from tests.scripted import GET, OK

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_twisted.async_yield_fixture
async def endpoint(reactor: Any) -> AsyncIterator[Endpoint]:
    one = Endpoint(reactor)
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
