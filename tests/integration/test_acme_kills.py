"""kill -9 at every step of an issuance: the next start finishes it, or begins it anew; what is on disk always fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.in_front import in_front
from tests.integration.issuing import Place
from tests.integration.pebble import pebble
from tests.judged import once

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEPS = (
    "made a key",
    "made an order",
    "wrote the order down",
    "shows a proof",
    "proved it",
    "asked for the certificate",
    "has the certificate",
    "wrote the certificate down",
)

pytestmark = once


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    dns_port = free_port()
    with pebble(tmp_path / "pebble", dns_port) as at, in_front(at.ca, at.key, at.port) as front:
        yield Place(tmp_path, dns_port, front)


def test_one_issuance_that_is_killed_at_each_of_its_steps(place: Place) -> None:
    """One process after the other goes on with the same order; only one that was not written down is made anew."""
    first_key = ""
    for step in STEPS:
        place.killed(step)
        left = place.begun()
        assert left is not None, step
        if step == "wrote the certificate down":
            pair = place.pair()
            assert pair is not None
            assert pair[1] == left.key.strip() == first_key
        else:
            assert place.pair() is None, step
            first_key = first_key or left.key.strip()
            assert left.key.strip() == first_key, step
    asked = len(place.front.asked)
    place.finished()
    pair = place.pair()
    assert pair is not None
    assert pair[1] == first_key
    assert len(place.front.asked) == asked, "all was there; nobody had to be asked"
    assert place.front.made("/order-plz") == 2, "the one that was not written down, and the one that came to something"
    assert place.front.made("/sign-me-up") == 1


def test_killed_while_the_authority_looks_and_while_it_renews(place: Place) -> None:
    """It may have looked before the name server went, or after; a renewal leaves what there was."""
    place.killed("asked the authority to look")
    place.finished()
    assert place.front.made("/order-plz") in (1, 2)
    before = place.pair()
    assert before is not None
    at = place.words.index("--acme-directory") + 1
    place.words[at] += "?of-another-authority"
    place.killed("has the certificate")
    left = place.begun()
    assert left is not None
    assert place.pair() == before
    assert left.key.strip() != before[1]
    place.finished()
    after = place.pair()
    assert after is not None
    assert after[1] == left.key.strip()
