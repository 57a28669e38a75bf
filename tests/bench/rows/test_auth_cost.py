"""The row of what a login costs: it runs, and lets its requests in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.rows.auth_cost import AUTH_COST, BLOCK, FIELDS, LOGIN, channel


def test_it_finds_a_price() -> None:
    scene: Any = SimpleNamespace(seconds=0.4)
    values = AUTH_COST.measure(scene)
    assert all(abs(value) < 1000 for value in values.values())


def test_what_is_measured_is_answered() -> None:
    for guarded, field, status in ((True, LOGIN, 200), (True, b"", 401), (False, b"", 200)):
        connection = channel(guarded=guarded)
        written: list[bytes] = []
        connection.transport.write = written.append
        for _ in range(3):
            connection.dataReceived(BLOCK % (b"app", field, FIELDS))
        assert [data[:12] for data in written] == [b"HTTP/1.1 %d" % status] * 3
