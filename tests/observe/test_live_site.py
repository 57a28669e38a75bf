"""The live page: what may be done there; over real sockets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.task import deferLater

from tests.observe.served import Served

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_twisted.async_yield_fixture
async def served(reactor: Any) -> AsyncIterator[Served]:
    one = Served(reactor)
    yield one
    await one.listening.stopListening()
    await deferLater(reactor, 0.01, lambda: None)


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
