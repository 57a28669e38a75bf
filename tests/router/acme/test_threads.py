"""Work in threads: its result, its error, its limit."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import pytest_twisted

from webproxy.router.acme.threads import MOST, TooLongError, in_thread


@pytest_twisted.ensureDeferred
async def test_results_and_errors_come_back_in_the_reactors_thread(reactor: Any) -> None:
    def where(give: str) -> tuple[str, str]:
        return give, threading.current_thread().name

    assert await in_thread(reactor, 20, where, "x") == ("x", "webproxy-router-acme")
    with pytest.raises(ZeroDivisionError):
        await in_thread(reactor, 20, lambda: 1 / 0)


def hanging() -> int:
    """Count threads, those of other tests included."""
    return sum(thread.name == "webproxy-router-acme" for thread in threading.enumerate())


@pytest_twisted.ensureDeferred
async def test_one_that_hangs_is_left_behind_but_only_so_many(reactor: Any) -> None:
    go = threading.Event()
    try:
        for _ in range(MOST - hanging()):
            with pytest.raises(TooLongError, match=r"nothing has come in 0\.01 s"):
                await in_thread(reactor, 0.01, go.wait)
        with pytest.raises(TooLongError, match="8 threads hang already"):
            await in_thread(reactor, 20, go.wait)
    finally:
        go.set()
    for thread in threading.enumerate():
        if thread.name == "webproxy-router-acme":
            thread.join(20)
    assert await in_thread(reactor, 20, lambda: "again") == "again"
