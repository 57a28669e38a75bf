"""Small requests, as fast as the proxy takes them: keep-alive with one head or ever new ones, a connection for each,
and somewhat larger bodies in either direction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.load import wrk
from bench.rows.row import Metric, Row
from bench.upstream.answers import LARGE_PATH

if TYPE_CHECKING:
    from bench.rows.row import Scene, Values

METRICS = (Metric("cpu_us", "CPU, µs per request"), Metric("per_second", "requests/s"))


def measure(scene: Scene, options: tuple[str, ...], path: str = "/") -> Values:
    """Ask as these options of wrk say."""
    wrk.run(scene.port, wrk.WARM_UP, scene.load_cpus, options, path=path)
    before = scene.cpu_seconds()
    outcome = wrk.run(scene.port, scene.seconds, scene.load_cpus, options, path=path)
    spent = scene.cpu_seconds() - before
    return {"cpu_us": spent / outcome.requests * 1e6, "per_second": outcome.per_second}


SMALL_GET = Row(
    "small_get",
    "Small GET on keep-alive connections, the same head each time",
    METRICS,
    lambda scene: measure(scene, wrk.SAME_HEAD),
)
SMALL_GET_VARIED = Row(
    "small_get_varied",
    "Small GET on keep-alive connections, 11 fields as browsers send them, no head like another",
    METRICS,
    lambda scene: measure(scene, wrk.VARIED_HEADS),
)
NEW_CONNECTIONS = Row(
    "new_connections",
    "Small GET, each on a new connection",
    METRICS,
    lambda scene: measure(scene, wrk.NEW_CONNECTIONS),
)
JSON_64K = Row(
    "json_64k",
    "GET of 64 KiB of JSON on keep-alive connections",
    METRICS,
    lambda scene: measure(scene, wrk.SAME_HEAD, LARGE_PATH),
)
POST_10K = Row(
    "post_10k",
    "POST of 10 KiB of JSON on keep-alive connections",
    METRICS,
    lambda scene: measure(scene, wrk.POST),
)
