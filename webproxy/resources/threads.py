"""The few threads in which passwords are verified: never in the reactor's, for each takes a twentieth of a second.

Rule of this file: how work gets there and back. Whose turn it is, ``verification`` says; it never gives these more
work than they are threads, so nothing queues here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from twisted.python.threadpool import ThreadPool

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 4
"""Threads at most; of fewer processors one is left to the reactor."""


class Threads:
    """Runs work elsewhere.

    :param reactor: its thread gets the results.
    :ivar count: how many run at once.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self.count = max(1, min(MOST, len(os.sched_getaffinity(0)) - 1))
        self._pool: Any = ThreadPool(0, self.count, "webproxy-verify")

    def __repr__(self) -> str:
        return f"<Threads count={self.count} {'running' if self._pool.started else 'stopped'}>"

    def start(self) -> None:
        """Begin. A daemon does so after its fork, which threads do not survive."""
        self._pool.start()

    def stop(self) -> None:
        """End, when what runs is done."""
        if self._pool.started:
            self._pool.stop()

    def __call__(self, work: Callable[[], bool], done: Callable[[bool], object]) -> None:
        """Have ``work`` done in a thread, and ``done`` called with what it gives in the reactor's.

        Work that raises gives False, and twisted's log says why.
        """

        def told(success: bool, result: Any) -> None:
            self._reactor.callFromThread(done, success and result is True)

        self._pool.callInThreadWithCallback(told, work)
