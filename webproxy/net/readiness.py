"""Who can be read from, or written to, although the descriptor belongs to one of the reactor's transports.

uvloop refuses to watch a descriptor that one of its transports owns. A ``dup`` would be accepted, but costs a
descriptor, and hides our FIN from the peer while it is open. So descriptors go into an epoll set of our own, which the
reactor watches as it would any descriptor. Each wait is for one event (EPOLLONESHOT, epoll_ctl(2)): a descriptor
that nobody waits for, broken or not, cannot keep the reactor busy.
"""

from __future__ import annotations

import select
from time import monotonic
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IReactorFDSet
    from twisted.python.failure import Failure

log = Logger()

TURN = 0.00025
"""Seconds after which nobody else is told in the same turn of the reactor: what one mebibyte takes, or some dozens of
small messages. Whoever else has something to do comes in between; the longest waiting is told first."""


@implementer(IReadDescriptor)
class Readiness:
    """One epoll set; a descriptor is in it once.

    :param reactor: watches the set.
    :raises OSError: there are no descriptors left.
    """

    def __init__(self, reactor: IReactorFDSet) -> None:
        self._reactor = reactor
        self._waits: dict[int, Callable[[], None]] = {}
        self._set = select.epoll()
        reactor.addReader(self)

    def __repr__(self) -> str:
        return f"<Readiness of {len(self._waits)}>"

    def add(self, number: int, ready: Callable[[], None]) -> None:
        """Let ``ready`` be told of a descriptor's events, each time that somebody waits for one.

        :raises OSError: the system can watch no more descriptors.
        """
        if number in self._waits:  # closed without a word; the number is another's now
            self.remove(number, self._waits[number])
        self._set.register(number, select.EPOLLONESHOT)
        self._waits[number] = ready

    def wait(self, number: int, events: int) -> None:
        """Wait for the next of ``events``; an error or the end of the connection counts as any of them."""
        self._set.modify(number, events | select.EPOLLONESHOT)

    def remove(self, number: int, ready: Callable[[], None]) -> None:
        """Tell ``ready`` no more; a descriptor that was closed meanwhile, or is another's now, does no harm."""
        if self._waits.get(number) != ready:
            return
        del self._waits[number]
        try:
            self._set.unregister(number)
        except OSError:  # ENOENT, EBADF: closed meanwhile, so the kernel forgot it before us
            pass

    def close(self) -> None:
        """Forget everything and give the set back."""
        self._waits.clear()
        if not self._set.closed:
            self._reactor.removeReader(self)
            self._set.close()

    def fileno(self) -> int:
        """Return the set's own descriptor."""
        return -1 if self._set.closed else self._set.fileno()

    def doRead(self) -> None:
        """Tell those whose event has come."""
        until = monotonic() + TURN
        # One by one: whoever is told may close descriptors whose numbers are reused at once.
        while not self._set.closed and (events := self._set.poll(0, 1)):
            self._tell(events[0][0])
            if monotonic() > until:
                return

    def _tell(self, number: int) -> None:
        ready = self._waits.get(number)
        if ready is None:  # closed without a word, and kept open by a duplicate
            return
        try:
            ready()
        except Exception:
            log.failure("descriptor {number}: telling that it is ready failed", number=number, kind="readiness-failed")

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: a set has no peer."""

    def logPrefix(self) -> str:
        """Return what log lines about this set begin with."""
        return "readiness"
