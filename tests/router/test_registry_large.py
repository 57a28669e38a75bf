"""Ten thousand names: finding one costs what it cost among ten, and memory is straight."""

from __future__ import annotations

import random
import time
import tracemalloc
from typing import TYPE_CHECKING

from webproxy.router.registry import LEASE, Registry
from webproxy.router.rows import Name
from webproxy.router.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def registry_of(path: Path, count: int) -> Registry:
    store = Store(path)
    now = time.time()
    with store.transaction():
        for at in range(count):
            machine = at.to_bytes(32, "big")
            store.put_name(Name(f"app{at}-fox-chi", "anna", machine, "10.0.0.7", 12345, now, now + LEASE))
    return Registry(store, time.time, random.Random(1))


def cost(registry: Registry, count: int) -> float:
    """The least of several rounds, in seconds for a thousand look-ups."""
    names = [f"app{random.Random(at).randrange(count)}-fox-chi" for at in range(1000)]

    def once() -> float:
        began = time.perf_counter()
        for name in names:
            assert registry.find(name) is not None
        return time.perf_counter() - began

    return min(once() for _ in range(20))


def test_finding_one_of_ten_thousand(tmp_path: Path) -> None:
    few, many = registry_of(tmp_path / "few", 10), registry_of(tmp_path / "many", 10000)
    assert cost(many, 10000) < 5 * cost(few, 10)


def test_memory_of_ten_thousand(tmp_path: Path) -> None:
    registry_of(tmp_path / "before", 1)
    tracemalloc.start()
    try:
        held = registry_of(tmp_path / "many", 10000)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(held.names()) == 10000
    assert size < 10000 * 2048
