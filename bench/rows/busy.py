"""A small request while ten bodies of 1 GiB run at full speed: nobody may be starved.

The direct way tells how much of the time belongs to service and load, which share their CPU with the ten.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bench.bulk import PATIENCE, read_head, swallow
from bench.child import MeasurementError
from bench.figures import percentile
from bench.rows.row import SPECIAL, Metric, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.rows.row import Scene, Values

BODIES = 10
EVERY = 0.01  # seconds from one request to the next
SMALL = 88
REQUEST = b"GET /bytes/%d HTTP/1.1\r\nHost: bench\r\n\r\n" % SMALL
ROOT = Path(__file__).parents[2]
METRICS = (
    Metric("p50_ms", "p50, ms"),
    Metric("p99_ms", "p99, ms"),
    Metric("max_ms", "max, ms"),
)


@contextmanager
def _bodies_running(scene: Scene) -> Iterator[None]:
    cpus = ",".join(map(str, scene.load_cpus))
    argv = ["taskset", "--cpu-list", cpus, sys.executable, "-m", "bench.load.readers", str(scene.port), str(BODIES)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT) as readers:
        try:
            if readers.stdout is None or not readers.stdout.readline():
                raise MeasurementError("the bodies did not begin")
            yield
        finally:
            readers.kill()


def _ask(sock: socket.socket) -> float:
    """Milliseconds that one request took."""
    began = time.monotonic()
    sock.sendall(REQUEST)
    head, rest = read_head(sock)
    if not head.startswith(b"HTTP/1.1 200"):
        raise MeasurementError(f"the answer began with {head[:80]!r}")
    swallow(sock, SMALL - len(rest))
    return (time.monotonic() - began) * 1e3


def measure(scene: Scene) -> Values:
    took: list[float] = []
    with _bodies_running(scene), socket.create_connection(("127.0.0.1", scene.port), timeout=PATIENCE) as sock:
        until = time.monotonic() + scene.seconds
        while time.monotonic() < until:
            took.append(_ask(sock))
            time.sleep(EVERY)
    return {"p50_ms": percentile(took, 0.5), "p99_ms": percentile(took, 0.99), "max_ms": max(took)}


BUSY = Row(
    "busy",
    f"Small GET, {1 / EVERY:.0f} a second, while {BODIES} bodies run at full speed",
    METRICS,
    measure,
    "bodies",
    direct=True,
    absent=SPECIAL | {"twisted"},
)
