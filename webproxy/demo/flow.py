"""An answer that flows: one piece after the other, at a fixed pace or as fast as the client takes them.

Rule: nothing is generated that nobody takes. A client who does not keep up pauses the generation, a client who
leaves ends it, and both are seen in the tallies. Deadlines are counted from the start, so that pauses between
pieces do not drift; after a pause by the client they are counted from its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from zope.interface import implementer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from twisted.internet.interfaces import IDelayedCall, IReactorTime
    from twisted.web.server import Request

    from webproxy.demo.tally import Tally


class Last(bytes):
    """The last piece of an answer: the answer ends with it, and not only when the next would be due."""

    __slots__ = ()


@implementer(IPushProducer)
class Flow:
    """Writes pieces to a request until they end or the client leaves.

    States: *waiting* (a piece is due later), *paused* (the client does not keep up), *over*.

    :param clock: schedules the pieces.
    :param request: the request that is answered; its head must be set.
    :param pieces: the answer, the last one a :class:`Last`; an empty piece takes its turn and writes nothing, not even
        the head.
    :param interval: seconds between two pieces; 0 for as fast as the client takes them.
    :param tally: where this exchange is counted.
    """

    def __init__(
        self, clock: IReactorTime, request: Request, pieces: Iterator[bytes], interval: float, tally: Tally
    ) -> None:
        self._clock = clock
        self._request = request
        self._pieces = pieces
        self._interval = interval
        self._tally = tally
        self._due = clock.seconds()
        self._timer: IDelayedCall | None = None
        self._paused = False
        self._over = False

    def __repr__(self) -> str:
        state = "over" if self._over else "paused" if self._paused else "waiting"
        return f"<Flow {state} of {self._request!r}>"

    def start(self) -> None:
        """Send the first piece now, and go on by itself."""
        self._tally.begin()
        self._request.notifyFinish().addBoth(self._ended)
        self._request.registerProducer(self, True)
        self._advance()

    def pauseProducing(self) -> None:
        """The client does not keep up."""
        self._paused = True
        self._cancel()

    def resumeProducing(self) -> None:
        """The client has caught up; a piece that became due meanwhile is sent now."""
        if self._over:
            return
        self._paused = False
        self._due = max(self._due, self._clock.seconds())
        self._schedule()

    def stopProducing(self) -> None:
        """The transport is gone; the request's notification says so too."""
        self._cancel()

    def _advance(self) -> None:
        """Send what is due; with no interval, all that the client takes."""
        self._timer = None
        while not (self._paused or self._over):
            piece = next(self._pieces, Last())
            if piece:
                self._request.write(piece)
            if isinstance(piece, Last):
                self._request.unregisterProducer()
                self._request.finish()
            elif self._interval:
                self._due += self._interval
                self._schedule()
                return

    def _schedule(self) -> None:
        if not (self._paused or self._over or self._timer):
            delay = max(0.0, self._due - self._clock.seconds())
            self._timer = self._clock.callLater(delay, self._advance)

    def _cancel(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _ended(self, result: object) -> None:
        self._over = True
        self._cancel()
        self._tally.end(complete=not isinstance(result, Failure))
