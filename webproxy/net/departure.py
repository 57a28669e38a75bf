"""Who left while nobody was reading.

A paused transport does not notice that its peer closed: end of file waits behind the bytes that are not read. The
kernel knows at once (EPOLLRDHUP, epoll_ctl(2)), so the descriptors of paused transports are put into one epoll set of
our own, and the reactor watches that set as it would any descriptor.
"""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, NamedTuple

from twisted.internet.interfaces import IReadDescriptor
from twisted.logger import Logger
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IReactorFDSet
    from twisted.python.failure import Failure

    from webproxy.net.stream import StreamTransport

log = Logger()


class Watch(NamedTuple):
    """One watched transport."""

    transport: StreamTransport
    left: Callable[[], None]


@implementer(IReadDescriptor)
class DepartureWatch:
    """Tells the owners of paused transports that the peer closed or reset.

    Does nothing where there is no epoll: there a departure is noticed once reading resumes.

    :param reactor: watches the set.
    """

    def __init__(self, reactor: IReactorFDSet) -> None:
        self._reactor = reactor
        self._numbers: dict[StreamTransport, int] = {}
        self._watches: dict[int, Watch] = {}
        self._set = select.epoll() if hasattr(select, "epoll") else None
        if self._set is not None:
            reactor.addReader(self)

    def __repr__(self) -> str:
        return f"<DepartureWatch of {len(self._watches)}>"

    def watch(self, transport: StreamTransport, left: Callable[[], None], *, resets: bool = False) -> None:
        """Call ``left`` once, as soon as the peer of ``transport`` closes its side or resets.

        A peer that left already is reported in the next turn of the reactor. Watching again replaces ``left``.

        :param resets: tell of nothing but a reset. That is for transports that read: uvloop 0.23 calls a reader once
            when its socket has failed, and never again, so one that stops before it has met the error waits for good.
        """
        if self._set is None:
            return
        self.unwatch(transport)
        number = transport.fileno()
        if number < 0:
            return
        stale = self._watches.pop(number, None)
        if stale is not None:  # closed without a word; the kernel dropped it, the number is another's now
            self._numbers.pop(stale.transport, None)
        self._set.register(number, 0 if resets else select.EPOLLRDHUP)  # errors are told in any case
        self._numbers[transport] = number
        self._watches[number] = Watch(transport, left)

    def unwatch(self, transport: StreamTransport) -> None:
        """Forget ``transport``; one that is not watched, or closed meanwhile, does no harm."""
        number = self._numbers.pop(transport, None)
        if number is None or self._set is None:
            return
        del self._watches[number]
        try:
            self._set.unregister(number)
        except OSError:  # ENOENT, EBADF: closed meanwhile, so the kernel forgot it before us
            pass

    def close(self) -> None:
        """Forget everything and give the set back."""
        self._numbers.clear()
        self._watches.clear()
        if self._set is not None:
            self._reactor.removeReader(self)
            self._set.close()
            self._set = None

    def fileno(self) -> int:
        """Return the set's own descriptor."""
        return -1 if self._set is None else self._set.fileno()

    def doRead(self) -> None:
        """Report those who left."""
        if self._set is None:
            return
        # Whoever is told may close transports whose numbers are reused at once: hold on to the watches themselves.
        gone = [self._watches.get(number) for number, _ in self._set.poll(0)]
        for watch in gone:
            if watch is None or self._watches.get(self._numbers.get(watch.transport, -1)) is not watch:
                continue
            self.unwatch(watch.transport)
            try:
                watch.left()
            except Exception:
                log.failure(
                    "{transport}: telling of the peer's departure failed",
                    transport=watch.transport,
                    kind="departure-failed",
                )

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: a set has no peer."""

    def logPrefix(self) -> str:
        """Return what log lines about this set begin with."""
        return "departure"
