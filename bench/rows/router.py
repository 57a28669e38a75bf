"""The edge: TLS from clients, plain TCP to a machine, a PROXY header in front. What a request, a GiB, a full handshake
cost, and what a connection holds while nothing happens.

Beside HAProxy in mode tcp and nginx's stream module, with the same certificate and cipher.
"""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from bench.bulk import BLOCK, END_OF_HEAD, GIB, MIB
from bench.certificate import CIPHER, DOMAIN, LABELS, client, dial
from bench.child import MeasurementError
from bench.load import wrk
from bench.rows.row import BRIDGES, HTTP_PROXIES, Metric, Row
from bench.upstream.answers import BODY

if TYPE_CHECKING:
    import ssl

    from bench.rows.row import Scene, Values

OTHERS = BRIDGES | HTTP_PROXIES | {"webproxy"}
REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nUser-Agent: curl/7.88.1\r\nAccept: */*" + END_OF_HEAD
OPTIONS = ("-s", wrk.HERE, *wrk.SAME_HEAD)
AT_ONCE = 8
IDLE = 2000
WARM_UP = 200
SETTLE = 1.0


def _get(scene: Scene) -> Values:
    name = f"{LABELS[0]}.{DOMAIN}"
    wrk.run(scene.port, wrk.WARM_UP, scene.load_cpus, OPTIONS, name)
    before = scene.cpu_seconds()
    outcome = wrk.run(scene.port, scene.seconds, scene.load_cpus, OPTIONS, name)
    spent = scene.cpu_seconds() - before
    return {"cpu_us": spent / outcome.requests * 1e6, "per_second": outcome.per_second}


def asked(sock: ssl.SSLSocket) -> None:
    """Ask on a connection, and take the answer."""
    if (cipher := sock.cipher()) is None or cipher[0] != CIPHER:
        raise MeasurementError(f"the connection is encrypted with {cipher}, and not with {CIPHER}")
    sock.sendall(REQUEST)
    answer = b""
    while not answer.endswith(BODY):
        more = sock.recv(4096)
        if not more:
            raise MeasurementError(f"a connection ended after {answer[:80]!r}")
        answer += more


def _handshakes(port: int, until: float, first: int, done: list[int], failed: list[BaseException]) -> None:
    """Shake hands, ask once and leave, again and again."""
    number = first
    try:
        while time.monotonic() < until:
            with dial(port, client(), number) as sock:  # a context of its own: it has no session to resume
                asked(sock)
            number += AT_ONCE
            done[first] += 1
    except Exception as error:  # noqa: BLE001 - told by whoever waits
        failed.append(error)


def _shaken(scene: Scene, seconds: float) -> int:
    """How many handshakes there were."""
    done, until = [0] * AT_ONCE, time.monotonic() + seconds
    failed: list[BaseException] = []
    threads = [
        threading.Thread(target=_handshakes, args=(scene.port, until, first, done, failed)) for first in range(AT_ONCE)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise MeasurementError(f"a handshake failed: {failed[0]!r}")
    return sum(done)


def _handshake(scene: Scene) -> Values:
    _shaken(scene, wrk.WARM_UP)
    before, began = scene.cpu_seconds(), time.monotonic()
    count = _shaken(scene, scene.seconds)
    spent, elapsed = scene.cpu_seconds() - before, time.monotonic() - began
    return {"cpu_us": spent / count * 1e6, "per_second": count / elapsed}


def _gib(scene: Scene) -> Values:
    assert scene.proxy
    scene.proxy.forget_peak()
    resident, spent, began = scene.proxy.peak_kib(), scene.cpu_seconds(), time.monotonic()
    with dial(scene.port, client()) as sock:
        sock.sendall(b"GET /bytes/%d HTTP/1.1\r\nHost: bench%b" % (GIB, END_OF_HEAD))
        buffer, arrived = bytearray(BLOCK), 0
        while arrived < GIB:
            got = sock.recv_into(buffer)
            if not got:
                raise MeasurementError(f"{arrived} of {GIB} bytes arrived")
            arrived += got
    return {
        "cpu_ms": (scene.cpu_seconds() - spent) * 1e3,
        "growth_mib": (scene.proxy.peak_kib() - resident) / 1024,
        "mib_per_second": GIB / MIB / (time.monotonic() - began),
    }


def _idle(scene: Scene) -> Values:
    assert scene.proxy
    context = client()
    clients: list[ssl.SSLSocket] = []

    def come(count: int) -> None:
        for number in range(count):
            clients.append(dial(scene.port, context, number))
            asked(clients[-1])

    def leave() -> None:
        for sock in clients:
            sock.close()
        clients.clear()

    try:
        come(WARM_UP)
        leave()
        time.sleep(SETTLE)
        before = scene.proxy.resident_kib()
        come(IDLE)
        time.sleep(SETTLE)
        return {"kib": (scene.proxy.resident_kib() - before) / IDLE}
    finally:
        leave()


ROUTER_ROWS = (
    Row(
        "router_get",
        "The edge: small GET on keep-alive TLS connections",
        (Metric("cpu_us", "CPU, µs per request"), Metric("per_second", "requests/s")),
        _get,
        absent=OTHERS,
    ),
    Row(
        "router_gib",
        "The edge: 1 GiB down over TLS",
        (
            Metric("cpu_ms", "CPU, ms per GiB"),
            Metric("growth_mib", "growth, MiB", compared=False),
            Metric("mib_per_second", "MiB/s"),
        ),
        _gib,
        "bodies",
        absent=OTHERS,
    ),
    Row(
        "router_handshake",
        "The edge: full handshake, one small GET, and the end",
        (Metric("cpu_us", "CPU, µs per connection"), Metric("per_second", "connections/s")),
        _handshake,
        absent=OTHERS,
    ),
    Row(
        "router_idle",
        f"The edge: {IDLE:,} idle TLS connections that asked once",
        (Metric("kib", "KiB per connection"),),
        _idle,
        absent=OTHERS,
    ),
)
