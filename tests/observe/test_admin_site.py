"""Who may ask an admin endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.observe.endpoint import TOKEN, Endpoint

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_twisted.async_yield_fixture
async def guarded(reactor: Any) -> AsyncIterator[Endpoint]:
    one = Endpoint(reactor, TOKEN)
    yield one
    await one.port.stopListening()


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
