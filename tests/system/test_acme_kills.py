"""kill -9 at any moment while certificates are got, again and again: what is in use always fits."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.integration.in_front import in_front
from tests.integration.issuing import Place
from tests.integration.pebble import pebble

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = 60
EACH = 3
"""Rounds after which another authority is wanted, so that there is something to be got."""


def test_killed_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(12)
    dns_port = free_port()
    with pebble(tmp_path / "pebble", dns_port) as at, in_front(at.ca, at.key, at.port) as front:
        place = Place(tmp_path, dns_port, front)
        where = place.words.index("--acme-directory") + 1
        changes = 0
        used = None
        for number in range(ROUNDS):
            place.words[where] = f"{front.directory}?{number // EACH}"
            with place.started():
                place.until_it_looks()
                time.sleep(chance.uniform(0.0, 3.0))
            pair = place.pair()
            assert pair is not None or used is None, "what was in use is gone"
            changes += pair != used
            used = pair
        place.finished()
        print(f"{ROUNDS} kills, {changes} new certificates, {front.made('/order-plz')} orders")  # noqa: T201
        assert front.made("/order-plz") <= ROUNDS + 1
        assert not list(place.folder.path.glob("*.damaged"))
