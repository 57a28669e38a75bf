"""The sweeps: connections, body size, streams, names in the router."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import uvloop

from bench.bulk import END_OF_HEAD, GIB, read_head, swallow
from bench.certificate import client, dial
from bench.child import MeasurementError
from bench.growth.sweep import Cost, Sweep
from bench.load.event_streams import Tally, open_streams
from bench.peers.table import PEERS
from bench.rows.idle_clients import REQUEST, open_client
from bench.rows.router import asked
from bench.upstream.answers import BODY
from bench.upstream.events import RATE

if TYPE_CHECKING:
    import socket
    import ssl

    from bench.peers.peer import Peer
    from bench.rows.row import Scene

ASKED = 4000
SETTLE = 0.7
BYTES = 64 << 20  # bodies are asked for until so much has come, a thousand of them at most
HANDSHAKES = 300
DELIVERED = 0.9
MIB_IN_KIB = 1024


def _grown(scene: Scene, before: int) -> float:
    assert scene.proxy
    return (scene.proxy.resident_kib() - before) / MIB_IN_KIB


def _resident(scene: Scene) -> int:
    assert scene.proxy
    return scene.proxy.resident_kib()


def _ask(sock: socket.socket) -> None:
    sock.sendall(REQUEST)
    answer = b""
    while not answer.endswith(BODY):
        more = sock.recv(4096)
        if not more:
            raise MeasurementError("a connection was closed")
        answer += more


def connections(scene: Scene, count: int) -> Cost:
    """So many keep-alive clients, who ask one after the other: CPU µs of a request."""
    open_client(scene.port).close()
    before = _resident(scene)
    clients: list[socket.socket] = []
    try:
        clients += (open_client(scene.port) for _ in range(count))
        time.sleep(SETTLE)
        spent = scene.cpu_seconds()
        for number in range(ASKED):
            _ask(clients[number * 7919 % count])  # a prime: neighbours in time are none in the table
        return Cost((scene.cpu_seconds() - spent) / ASKED * 1e6, _grown(scene, before))
    finally:
        for sock in clients:
            sock.close()


def body_size(scene: Scene, size: int) -> Cost:
    """Bodies of so many bytes, one after the other on one connection: CPU ms of one of them."""
    assert scene.proxy
    count = max(1, min(1000, BYTES // size))
    with open_client(
        scene.port, b"GET /bytes/%d HTTP/1.1\r\nHost: bench" % len(BODY) + END_OF_HEAD, b"\0" * 88
    ) as sock:
        scene.proxy.forget_peak()
        before, spent = scene.proxy.peak_kib(), scene.cpu_seconds()
        for _ in range(count):
            sock.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: bench" % size + END_OF_HEAD)
            _, rest = read_head(sock)
            swallow(sock, size - len(rest))
        cost = (scene.cpu_seconds() - spent) / count * 1e3
        return Cost(cost, (scene.proxy.peak_kib() - before) / MIB_IN_KIB)


async def _streams(scene: Scene, count: int) -> Cost:
    open_client(scene.port).close()
    before = _resident(scene)
    tally = Tally()
    streams = await open_streams(scene.port, count, tally)
    await asyncio.sleep(SETTLE)
    tally.clear()
    spent, began = scene.cpu_seconds(), time.monotonic()
    await asyncio.sleep(scene.seconds)
    elapsed = time.monotonic() - began
    cost = Cost((scene.cpu_seconds() - spent) / elapsed * 100, _grown(scene, before))
    delivered = len(tally.lags) / (count * RATE * elapsed)
    lost = sum(stream.lost for stream in streams)
    for stream in streams:
        stream.close()
    if lost:
        raise MeasurementError(f"{lost} of {count} streams ended early")
    if delivered < DELIVERED:
        raise MeasurementError(f"{delivered:.0%} of the events came, on a machine that is too busy for all of them")
    return cost


def streams(scene: Scene, count: int) -> Cost:
    """So many event streams: percent of a core."""
    gc.collect()
    gc.disable()
    try:
        return uvloop.run(_streams(scene, count))
    finally:
        gc.enable()


def names(scene: Scene, count: int) -> Cost:
    """So many names in the router, visited one after the other: CPU µs of a handshake and a request.

    The router has read all of them when it answers, so memory is what it has then.
    """
    resident = _resident(scene)
    spent = scene.cpu_seconds()
    for number in range(HANDSHAKES):
        sock: ssl.SSLSocket
        with dial(scene.port, client(), number * 7919, count) as sock:
            asked(sock)
    return Cost((scene.cpu_seconds() - spent) / HANDSHAKES * 1e6, resident / MIB_IN_KIB)


def _as_it_is(name: str, _amount: int) -> Peer:
    return PEERS[name]


def _with_names(name: str, amount: int) -> Peer:
    return replace(PEERS[name], command=(*PEERS[name].command, str(amount)))


SWEEPS = (
    Sweep(
        "connections",
        "Keep-alive connections",
        "connections",
        "CPU, µs per request",
        flat=True,
        amounts=(10, 100, 1000, 10_000),
        measure=connections,
        peers=("webproxy", "nginx"),
        peer=_as_it_is,
    ),
    Sweep(
        "body_size",
        "Bodies down",
        "bytes",
        "CPU, ms per body",
        flat=False,
        amounts=(1 << 10, 1 << 15, 1 << 20, 1 << 25, GIB),
        measure=body_size,
        peers=("webproxy", "nginx"),
        peer=_as_it_is,
        upstream="bodies",
    ),
    Sweep(
        "streams",
        f"Event streams, {RATE} events a second on each",
        "streams",
        "CPU, percent of a core",
        flat=False,
        amounts=(1, 10, 100, 1000, 2000),
        measure=streams,
        peers=("webproxy", "nginx"),
        peer=_as_it_is,
    ),
    Sweep(
        "names",
        "Names in the router",
        "names",
        "CPU, µs per handshake and request",
        flat=True,
        amounts=(1, 100, 10_000, 100_000),
        measure=names,
        peers=("router",),
        peer=_with_names,
    ),
)
