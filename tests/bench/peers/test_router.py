"""Our router as a peer: its names are there when it starts, and its words are its own."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from bench.certificate import DOMAIN, LABELS, write
from bench.peers.router import promise, words
from webproxy.router.options import settings_of
from webproxy.router.state import STORE
from webproxy.router.store import Store

if TYPE_CHECKING:
    from pathlib import Path


def test_the_router_is_started_as_its_users_start_it(tmp_path: Path) -> None:
    write(tmp_path)
    settings = settings_of(words(12345, tmp_path, 12346)[4:])
    assert (settings.domain, settings.port, settings.control_port, settings.http_port) == (DOMAIN, 12345, 12346, None)


def test_leases_outlast_a_measurement(tmp_path: Path) -> None:
    promise(tmp_path, 8080)
    store = Store(tmp_path / "state" / STORE)
    names = store.names()
    store.close()
    assert {name.name for name in names} == set(LABELS)
    assert all(name.live(time.time() + 3600) and name.port == 8080 for name in names)
