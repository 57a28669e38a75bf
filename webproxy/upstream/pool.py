"""The pool: connections to the internal service that rest between requests, and the making of new ones.

The latest used goes out first, so that the rest can age away. Resting ends after four seconds, because uvicorn
(hence vLLM and most of what runs behind us) closes at five, and a request must not meet that close half-way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from twisted.internet import error as tx
from twisted.internet.defer import CancelledError

from webproxy.errors import UpstreamError, UpstreamRefused, UpstreamTimeout
from webproxy.net.connect import connect
from webproxy.net.peek import quiet
from webproxy.upstream.connection import Connection
from webproxy.upstream.retry import FRESH, repeatable
from webproxy.upstream.tls import Doubt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from webproxy.net.destination import Destination
    from webproxy.net.stream import StreamTransport
    from webproxy.net.sweep import IdleSweep
    from webproxy.upstream.tls import Greeting

RESTING_TIME: Final = 4.0
"""How long a connection may rest, in seconds."""

RESTING_LIMIT = 256
"""How many connections may rest at once."""


class Pool:
    """Connections to one internal service.

    :param destinations: where it may listen, tried in this order; the one that answered last is tried first.
    :param connect_timeout: seconds, for each destination.
    :ivar down_since: since when nothing has taken a connection, on the sweep's clock; ``None`` while the service is up.
    :ivar came_up: called when it takes one again.
    :ivar doubt: whether it speaks TLS.
    """

    def __init__(
        self, reactor: Any, destinations: Sequence[Destination], *, sweep: IdleSweep, connect_timeout: float
    ) -> None:
        self._reactor = reactor
        self._destinations = list(destinations)
        self._connect_timeout = connect_timeout
        self._resting: list[Connection] = []
        self._resting_limit = RESTING_LIMIT
        self._all: set[Connection] = set()
        self.sweep = sweep
        self.down_since: float | None = sweep.now
        self.came_up: Callable[[], None] = lambda: None
        self.doubt = Doubt(self._greet, reactor)

    def __repr__(self) -> str:
        return f"<Pool {self.address} resting={len(self._resting)} all={len(self._all)}>"

    @property
    def address(self) -> str:
        """The internal service's address, as users write it."""
        return str(self._destinations[0])

    @property
    def resting(self) -> int:
        """How many connections rest."""
        return len(self._resting)

    @property
    def busy(self) -> int:
        """How many carry an exchange."""
        return len(self._all) - len(self._resting)

    def take(self, method: bytes, body: int) -> Connection | None:
        """A rested connection that may carry this request; ``None``: make a new one.

        :param body: the body's length; not 0 when there may be one.
        """
        resting = self._resting
        if not resting:
            return None
        if not repeatable(method, body):
            return self._take_sound()
        connection = resting.pop()
        connection.due = math.inf
        return connection

    def _take_sound(self) -> Connection | None:
        """A connection that was busy a moment ago and has not ended since, for what may be asked only once."""
        resting = self._resting
        oldest = self.sweep.now - FRESH
        while resting and resting[-1].rested_since >= oldest:
            connection = resting.pop()
            if quiet(connection.transport):
                connection.due = math.inf
                return connection
            connection.close()
        return None

    def give_back(self, connection: Connection) -> None:
        """An exchange is over: let its connection rest, or close it."""
        self.doubt.cleared = True
        if connection.stalled:  # it answered without taking the whole body; the rest would come before what is next
            connection.abort()
            return
        if not connection.reusable or len(self._resting) >= self._resting_limit:
            connection.close()
            return
        if connection.paused:  # the last client was slow to the end; the next one's answer must be read all the same
            connection.resume()
        now = self.sweep.now
        connection.reused = True
        connection.rested_since = now
        connection.due = now + RESTING_TIME
        self._resting.append(connection)

    def forget(self, connection: Connection) -> None:
        """A connection is gone."""
        self._all.discard(connection)
        self.sweep.discard(connection)
        if connection in self._resting:
            self._resting.remove(connection)

    @property
    def used(self) -> bool:
        """Whether there is any connection."""
        return bool(self._all)

    def busy_legs(self) -> Iterator[StreamTransport]:
        """The transports of connections that carry an exchange."""
        return (connection.transport for connection in self._all.difference(self._resting))

    def forget_judgements(self) -> None:
        """Forget what was made of heads: it would be another thing now."""
        for connection in self._all:
            connection.judged = None

    def retire(self) -> None:
        """Let nothing rest any more: each connection closes behind the exchange that it carries."""
        self._resting_limit = 0
        for connection in tuple(self._resting):
            connection.close()

    def close(self) -> None:
        """Close every connection, busy ones at once; what was said last over one that was given away still arrives."""
        for connection in tuple(self._all):
            if connection.busy:
                connection.abort()
            else:
                connection.close()

    def connect(self, timeout: float | None = None) -> Deferred[Connection]:
        """Make a new connection.

        :param timeout: seconds, for each destination; ``None``: as usual.
        :returns: fires with it, or fails with :class:`UpstreamRefused` or :class:`UpstreamTimeout`; may be cancelled.
        """
        return self._connect(0, self._connect_timeout if timeout is None else timeout)

    def _connect(self, index: int, timeout: float) -> Deferred[Connection]:
        destination = self._destinations[index]
        attempt: Deferred[Connection] = connect(self._reactor, destination, lambda: Connection(self), timeout)
        return attempt.addCallbacks(
            self._connected, self._refused, callbackArgs=(destination,), errbackArgs=(index, timeout)
        )

    def _greet(self, build: Callable[[], Greeting]) -> Deferred[Greeting]:
        return connect(self._reactor, self._destinations[0], build, self._connect_timeout)

    def _connected(self, connection: Connection, destination: Destination) -> Connection:
        if self.down_since is not None:
            self.down_since = None
            self.doubt = Doubt(self._greet, self._reactor)
            self.came_up()
        if self._destinations[0] != destination:
            self._destinations.remove(destination)
            self._destinations.insert(0, destination)
        self._all.add(connection)
        self.sweep.add(connection)
        return connection

    def _refused(self, failure: Failure, index: int, timeout: float) -> Failure | Deferred[Connection]:
        if failure.check(CancelledError):
            return failure
        if index + 1 < len(self._destinations):
            return self._connect(index + 1, timeout)
        if self.down_since is None:
            self.down_since = self.sweep.now
        raise _translated(failure.value, self.address)


def _translated(error: BaseException | None, address: str) -> UpstreamError:
    """What a failed attempt to connect means, in our own terms."""
    if isinstance(error, (tx.TimeoutError, TimeoutError)):
        return UpstreamTimeout(f"{address} did not take the connection in time", "connect")
    if isinstance(error, (tx.ConnectionRefusedError, ConnectionRefusedError, FileNotFoundError)):
        return UpstreamRefused(f"nothing listens on {address}")
    return UpstreamRefused(f"{address} cannot be reached: {error}")
