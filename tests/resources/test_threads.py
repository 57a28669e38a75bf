"""Work that is done in threads of its own."""

from __future__ import annotations

import threading
from time import monotonic
from typing import Any

import pytest_twisted
from twisted.internet.task import deferLater

from webproxy.resources.threads import MOST, Threads


@pytest_twisted.ensureDeferred
async def test_results_come_back_to_the_reactors_thread(reactor: Any) -> None:
    threads = Threads(reactor)
    assert 1 <= threads.count <= MOST
    assert "stopped" in repr(threads)
    threads.start()
    told: list[tuple[bool, int]] = []
    worked: list[int] = []

    def work() -> bool:
        worked.append(threading.get_ident())
        return True

    threads(work, lambda good: told.append((good, threading.get_ident())))
    deadline = monotonic() + 10
    while not told and monotonic() < deadline:
        await deferLater(reactor, 0.01, lambda: None)
    threads.stop()
    threads.stop()
    assert told == [(True, threading.get_ident())]
    assert len(worked) == 1
    assert worked[0] != threading.get_ident()


@pytest_twisted.ensureDeferred
async def test_work_that_fails_has_found_nothing(reactor: Any, logged: list[Any]) -> None:
    threads = Threads(reactor)
    threads.start()
    told: list[bool] = []

    def work() -> bool:
        raise ValueError("broken")

    threads(work, told.append)
    deadline = monotonic() + 10
    while not told and monotonic() < deadline:
        await deferLater(reactor, 0.01, lambda: None)
    threads.stop()
    assert told == [False]


def test_threads_that_never_began_end_at_once() -> None:
    Threads(None).stop()
