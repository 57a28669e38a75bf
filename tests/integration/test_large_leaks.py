"""Nothing is left behind, however bodies end; ten thousand rounds of the same: tests/system/test_large.py."""

from __future__ import annotations

from typing import Any

import pytest_twisted

from tests.integration.rounds import play

ROUNDS = 400


@pytest_twisted.ensureDeferred
async def test_nothing_leaks(reactor: Any) -> None:
    assert await play(reactor, ROUNDS, 1) > ROUNDS / 4
