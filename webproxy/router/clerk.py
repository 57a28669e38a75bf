"""The clerk: everything that writes to the store, one thing after the other, in one thread of its own.

Rule of this file: how work gets there and back. A change is on disk before it is promised (fsync), which takes
milliseconds, or a second on a disk that is busy; the reactor must not wait so long. What routes connections, the
registry's picture in memory, is looked up without the thread.
"""

from __future__ import annotations

import random
import time
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import succeed
from twisted.internet.threads import deferToThreadPool
from twisted.logger import Logger
from twisted.python.threadpool import ThreadPool

from webproxy.errors import StartError
from webproxy.router.registry import Refused, Registry
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from twisted.internet.defer import Deferred

    from webproxy.router.rows import Name

log = Logger()
_T = TypeVar("_T")

MOST = 256
"""Works that may wait; with a disk that takes 10 ms for each these are 2.5 s."""
FLUSH, LOOK, FORGET = 5.0, 1.0, 3600.0
"""Seconds between two writings of leases, two looks at what commands have changed, and two searches for old names."""


class Clerk:
    """States: closed, open.

    :param path: of the store.
    """

    def __init__(self, reactor: Any, path: Path) -> None:
        self._reactor = reactor
        self._path = path
        self._pool: Any = None
        self._store: Store | None = None
        self._registry: Registry | None = None
        self._waiting = 0
        self._flushed = 0.0
        self._forgot = -FORGET

    def __repr__(self) -> str:
        return f"<Clerk of {self._path} {'closed' if self._registry is None else 'open'} waiting={self._waiting}>"

    def open(self) -> None:
        """Open the store, in the thread that will use it; the only time that somebody waits for it.

        :raises StartError: it cannot be opened.
        """
        self._pool = ThreadPool(1, 1, "webproxy-router-clerk")
        self._pool.start()
        try:
            _in(self._pool, self._open)
        except StartError:
            self._pool.stop()
            self._pool = None
            raise
        self._flushed = self._reactor.seconds()

    def _open(self) -> None:
        self._store = Store(self._path)
        self._registry = Registry(self._store, time.time, random.SystemRandom())

    def find(self, name: str) -> Name | None:
        """Find a name: one look-up, in the thread of whoever asks."""
        return self._registry.find(name) if self._registry is not None else None

    def names(self) -> list[Name]:
        """Give all names as they are now."""
        return self._registry.names() if self._registry is not None else []

    def ask(self, work: Callable[[Registry], _T]) -> Deferred[_T]:
        """Have something done.

        :returns: fires with what it gives.
        :raises Refused: 503, too much waits already.
        """
        registry = self._registry
        if registry is None or self._waiting >= MOST:
            raise Refused(503, "the router has too much to do")
        self._waiting += 1
        done = deferToThreadPool(self._reactor, self._pool, work, registry)
        done.addBoth(self._done)
        return done

    def _done(self, result: Any) -> Any:
        self._waiting -= 1
        return result

    def look(self) -> None:
        """Do what is due; called every second."""
        if self._waiting >= MOST or self._registry is None:
            return  # it is busy, and will be asked again
        flush = self._reactor.seconds() - self._flushed >= FLUSH
        if flush:
            self._flushed = self._reactor.seconds()

        forget = self._reactor.seconds() - self._forgot >= FORGET
        if forget:
            self._forgot = self._reactor.seconds()

        def due(registry: Registry) -> None:
            if flush:
                registry.flush()
            if forget:
                registry.forget()
            registry.read_if_changed()

        self.ask(due).addErrback(lambda failure: log.failure("the store cannot be used", failure, kind="store-failed"))

    def close(self) -> Deferred[None]:
        """Write down what is not yet, and close the store.

        :returns: fires when that is done.
        """
        if self._registry is None:
            return succeed(None)
        registry, store, pool = self._registry, self._store, self._pool
        self._registry = None

        def end() -> None:
            try:
                registry.flush()
            finally:
                if store is not None:
                    store.close()

        done: Deferred[Any] = deferToThreadPool(self._reactor, pool, end)
        done.addErrback(
            lambda failure: log.failure("the leases could not be written down", failure, kind="leases-lost")
        )
        return done.addCallback(lambda _: pool.stop())


def _in(pool: Any, work: Callable[[], None]) -> None:
    """Wait for something that is done in a thread; raise what it raises."""
    told: SimpleQueue[tuple[bool, Any]] = SimpleQueue()
    pool.callInThreadWithCallback(lambda success, result: told.put((success, result)), work)
    success, result = told.get()
    if not success:
        result.raiseException()
