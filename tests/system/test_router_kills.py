"""A router that is killed a thousand times during registrations loses nothing that it has acknowledged."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tests.integration.test_router_process import Place, answering, kill

if TYPE_CHECKING:
    from pathlib import Path

ROUNDS = int(os.environ.get("WEBPROXY_TEST_KILLS", "1000"))

__all__ = ["answering"]  # the fixture


def test_a_thousand_kills(tmp_path: Path, answering: int) -> None:
    assert kill(Place(tmp_path), answering, ROUNDS) >= ROUNDS
