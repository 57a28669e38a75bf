"""Clients that asked once and now keep their connection: what each costs the proxy in memory while nothing happens.

Only the process's own memory counts. The kernel's part, a socket, is the same for every proxy.
"""

from __future__ import annotations

import resource
import socket
import time
from typing import TYPE_CHECKING

from bench.bulk import END_OF_HEAD
from bench.child import DisturbedError, MeasurementError
from bench.rows.row import Metric, Row
from bench.upstream.answers import BODY

if TYPE_CHECKING:
    from bench.rows.row import Scene, Values

CLIENTS = 10_000
RESERVE = 500
SHARE = 0.45  # of all descriptors there may be: HAProxy takes on no more clients than it has two for each
WARM_UP = 200
SETTLE = 1.0
PATIENCE = 40.0  # seconds; proxies close what has been idle for 60
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nUser-Agent: curl/7.88.1\r\nAccept: */*" + END_OF_HEAD
METRICS = (Metric("kib", "KiB per idle client"),)


def open_client(port: int, request: bytes = REQUEST, end: bytes = BODY) -> socket.socket:
    """A connection that has had its answer, which ends so."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    sock.sendall(request)
    answer = b""
    while not answer.endswith(end):
        more = sock.recv(4096)
        if not more:
            raise MeasurementError(f"a connection ended after {answer[:80]!r}")
        answer += more
    return sock


def _gone(client: socket.socket) -> bool:
    """Whether the proxy has closed this connection, on which nothing else can have arrived."""
    client.setblocking(False)
    try:
        return not client.recv(1)
    except BlockingIOError:
        return False


def _close(clients: list[socket.socket]) -> None:
    for client in clients:
        client.close()


def measure(scene: Scene) -> Values:
    assert scene.proxy
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(CLIENTS, int(limit * SHARE) if scene.proxy.name.startswith("haproxy") else limit - RESERVE)
    _close([open_client(scene.port) for _ in range(WARM_UP)])
    time.sleep(SETTLE)
    before = scene.proxy.resident_kib()
    clients: list[socket.socket] = []
    try:
        began = time.monotonic()
        clients += (open_client(scene.port) for _ in range(count))
        if (took := time.monotonic() - began) > PATIENCE:
            raise DisturbedError(f"{count} clients took {took:.0f} s to come, and the first ones may be gone")
        time.sleep(SETTLE)
        grown = scene.proxy.resident_kib() - before
        if gone := sum(map(_gone, clients)):
            raise MeasurementError(f"{gone} of {count} connections were closed")
        return {"kib": grown / count}
    finally:
        _close(clients)


IDLE_CLIENTS = Row("idle_clients", f"{CLIENTS:,} idle keep-alive clients", METRICS, measure)
