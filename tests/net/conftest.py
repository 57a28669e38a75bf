"""What the tests of this room share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from webproxy.net.reactor import native_loop

if TYPE_CHECKING:
    import asyncio


@pytest.fixture
def loop(reactor: Any) -> asyncio.AbstractEventLoop:
    """Uvloop's loop; on another reactor there is nothing to test."""
    loop = native_loop(reactor)
    if loop is None:
        pytest.skip("not on uvloop")
    return loop
