"""WebSockets, a message there and one of the same size back: CPU per round trip.

Two kinds of row: as bytes, beside proxies that tunnel; and as frames, beside a plain bridge of autobahn's messages on
the same transports (``bench/peers/message_bridge.py``).
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import uvloop

from bench.child import MeasurementError
from bench.load.sockets import open_clients
from bench.rows.row import BRIDGES, EVERYBODY_ELSE, SPECIAL, Metric, Row

if TYPE_CHECKING:
    from bench.rows.row import Scene, Values

CLIENTS = 16
SETTLE = 0.3
METRICS = (Metric("cpu_us", "CPU, µs per round trip"), Metric("per_second", "round trips/s"))
# who does not tunnel, and variants that do as their originals do; who does not bridge
NO_TUNNELS = SPECIAL | {"twisted", "nginx_buffered", "haproxy_auto", "haproxy_pipes"}
NO_BRIDGES = (EVERYBODY_ELSE | {"webproxy"}) - BRIDGES


async def _measure(scene: Scene, size: int) -> Values:
    loop = asyncio.get_running_loop()
    clients = await open_clients(scene.port, CLIENTS, size)
    await asyncio.sleep(SETTLE)
    spent, began, before = scene.cpu_seconds(), loop.time(), sum(client.trips for client in clients)
    await asyncio.sleep(scene.seconds)
    spent, elapsed = scene.cpu_seconds() - spent, loop.time() - began
    trips = sum(client.trips for client in clients) - before
    lost = sum(client.lost for client in clients)
    for client in clients:
        client.transport.abort()
    if lost or not trips:
        raise MeasurementError(f"{lost} of {CLIENTS} WebSockets ended early, {trips} round trips")
    return {"cpu_us": spent / trips * 1e6, "per_second": trips / elapsed}


def measure(scene: Scene, size: int) -> Values:
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_measure(scene, size))
    finally:
        gc.enable()


def _row(name: str, title: str, size: int, absent: frozenset[str]) -> Row:
    return Row(name, title, METRICS, lambda scene: measure(scene, size), "sockets", absent=absent)


SOCKET_ROWS = tuple(
    _row(f"{kind}_{short}", f"WebSocket, {title}, {size} bytes", size, absent)
    for kind, title, absent in (("tunnel", "as bytes", NO_TUNNELS), ("frames", "as frames", NO_BRIDGES))
    for short, size in (("64", 64), ("4k", 4096), ("64k", 65536))
)
