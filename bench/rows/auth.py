"""Small GETs with a password, checked against the same file of bcrypt hashes: who hashes every time, who recognises.

wrk waits for answers longer than usual: at 50 ms a hash and one after the other, the last of 16 waits for 0.8 s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import login
from bench.load import wrk
from bench.rows.row import SPECIAL, Row
from bench.rows.small_get import METRICS, measure

if TYPE_CHECKING:
    from bench.rows.row import Scene, Values

OPTIONS = ("-c16", "--timeout", "30s", *wrk.SAME_HEAD, "-H", login.FIELD.decode())


def _measure(scene: Scene) -> Values:
    return measure(scene, OPTIONS)


AUTH = Row(
    "auth",
    "Small GET with a password, bcrypt at cost 10, on 16 keep-alive connections",
    METRICS,
    _measure,
    absent=SPECIAL | {"haproxy", "haproxy_auto", "haproxy_pipes", "caddy", "twisted"},
    guarded=True,
)
