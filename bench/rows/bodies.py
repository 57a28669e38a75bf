"""Large bodies, down and up, of known length and chunked: CPU per GiB, and by how much the process grows.

The slow rows are about growth. They announce a GiB, read 1 MiB a second and stop after a few seconds: a proxy without
back pressure has swallowed hundreds of MiB by then.
"""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bench.bulk import GIB, MIB, PATIENCE, pour, read_head, swallow, swallow_all
from bench.child import MeasurementError
from bench.rows.row import SPECIAL, Metric, Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.rows.row import Scene, Values

PACE = MIB
SLOW_SECONDS = 6.0
GROWTH = Metric("growth_mib", "growth, MiB", compared=False)
METRICS = (Metric("cpu_ms", "CPU, ms per GiB"), GROWTH, Metric("mib_per_second", "MiB/s"))
# it collects a request's body before it forwards it, and an answer's as fast as it comes
COLLECTS = SPECIAL | {"twisted"}


@contextmanager
def _request(scene: Scene, line: str, length: int = 0, fields: str = "") -> Iterator[socket.socket]:
    head = f"{line} HTTP/1.1\r\nHost: bench\r\nContent-Length: {length}\r\n{fields}\r\n"
    with socket.create_connection(("127.0.0.1", scene.port), timeout=PATIENCE) as sock:
        sock.sendall(head.encode())
        yield sock


def _answer(sock: socket.socket) -> bytes:
    """What of the answer's body came along with its head."""
    head, rest = read_head(sock)
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200")):
        raise MeasurementError(f"the answer began with {head[:80]!r}")
    return rest


def _down(scene: Scene) -> None:
    with _request(scene, f"GET /bytes/{GIB}") as sock:
        swallow(sock, GIB - len(_answer(sock)))


def _down_chunked(scene: Scene, size: int) -> None:
    """Proxies may frame anew, so the end of the connection is the end of the body."""
    with _request(scene, f"GET /chunked/{GIB}/{size}", fields="Connection: close\r\n") as sock:
        arrived = len(_answer(sock)) + swallow_all(sock)
        if arrived < GIB:
            raise MeasurementError(f"{arrived} of {GIB} bytes arrived")


def _up(scene: Scene) -> None:
    with _request(scene, "POST /sink", GIB) as sock:
        pour(sock, GIB)
        arrived, expected = _answer(sock), b"%d" % GIB
        while len(arrived) < len(expected) and (more := sock.recv(4096)):
            arrived += more
        if expected not in arrived:  # the proxy may have made it a chunk
            raise MeasurementError(f"the service counted {arrived!r} of {GIB} bytes")


def _down_slow(scene: Scene) -> None:
    with _request(scene, f"GET /bytes/{GIB}") as sock:
        _answer(sock)
        swallow(sock, GIB, PACE, time.monotonic() + SLOW_SECONDS)


def _up_slow(scene: Scene) -> None:
    with _request(scene, f"POST /sink?pace={PACE}", GIB) as sock:
        sock.settimeout(0.1)
        until = time.monotonic() + SLOW_SECONDS
        while time.monotonic() < until:
            with suppress(TimeoutError):
                pour(sock, GIB, until)


def _measure(scene: Scene, carry: Callable[[Scene], None]) -> Values:
    assert scene.proxy
    scene.proxy.forget_peak()
    resident, spent, began = scene.proxy.peak_kib(), scene.cpu_seconds(), time.monotonic()
    carry(scene)
    return {
        "cpu_ms": (scene.cpu_seconds() - spent) * 1e3,
        "growth_mib": (scene.proxy.peak_kib() - resident) / 1024,
        "mib_per_second": GIB / MIB / (time.monotonic() - began),
    }


def _growth(scene: Scene, carry: Callable[[Scene], None]) -> Values:
    return {"growth_mib": _measure(scene, carry)["growth_mib"]}


DOWNLOAD = Row("download", "1 GiB down", METRICS, lambda scene: _measure(scene, _down), "bodies")
UPLOAD = Row("upload", "1 GiB up", METRICS, lambda scene: _measure(scene, _up), "bodies", absent=COLLECTS)
CHUNKED_64K = Row(
    "chunked_64k",
    "1 GiB down in chunks of 64 KiB",
    METRICS,
    lambda scene: _measure(scene, lambda scene: _down_chunked(scene, 65536)),
    "bodies",
)
CHUNKED_8K = Row(
    "chunked_8k",
    "1 GiB down in chunks of 8 KiB",
    METRICS,
    lambda scene: _measure(scene, lambda scene: _down_chunked(scene, 8192)),
    "bodies",
)
DOWNLOAD_SLOW = Row(
    "download_slow",
    "A body down, read at 1 MiB/s",
    (GROWTH,),
    lambda scene: _growth(scene, _down_slow),
    "bodies",
    absent=COLLECTS,
)
UPLOAD_SLOW = Row(
    "upload_slow",
    "A body up, read at 1 MiB/s",
    (GROWTH,),
    lambda scene: _growth(scene, _up_slow),
    "bodies",
    absent=COLLECTS,
)
