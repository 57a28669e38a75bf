"""Clients of WebSockets talk to the bench's service, over real sockets."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from bench.child import MeasurementError
from bench.load import sockets
from bench.upstream.sockets import Answering

if TYPE_CHECKING:
    from collections.abc import Coroutine


def ran(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run on a loop of its own, beside the tests' reactor."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def trips(size: int) -> int:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
    clients = await sockets.open_clients(server.sockets[0].getsockname()[1], 2, size)
    await asyncio.sleep(0.05)
    total = sum(client.trips for client in clients)
    for client in clients:
        client.transport.abort()
    server.close()
    return total


@pytest.mark.parametrize("size", [64, 65536])
def test_each_goes_on(size: int) -> None:
    assert ran(trips(size)) > 2


async def unanswered() -> None:
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, "127.0.0.1", 0)
    try:
        await sockets.open_clients(server.sockets[0].getsockname()[1], 1, 64)
    finally:
        server.close()


def test_silence_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "OPENING", 0.1)
    with pytest.raises(MeasurementError, match="1 of 1 WebSockets brought nothing"):
        ran(unanswered())
