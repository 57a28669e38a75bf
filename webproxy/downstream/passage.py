"""A client's body on its way through, whether its bytes come by us or go past (``webproxy.net.relay``).

What is counted, which limits it has, and who keeps whom waiting; ``intake`` reads what comes by us.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from webproxy.downstream.faults import of_upload
from webproxy.downstream.gate import Gate
from webproxy.message.framing import UNTIL_CLOSE

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.downstream.site import Site
    from webproxy.errors import ClientProtocolError
    from webproxy.message.extent import Extent
    from webproxy.net.stream import StreamTransport


class Passage(Gate):
    """The part of a channel that knows of the body.

    :ivar request: the request that runs, if any.
    :ivar body_stalled: whether whoever takes the body does not keep up.
    :ivar paused: whether we read nothing from the client for now.
    :ivar due: when the current wait ends, on the sweep's clock.
    """

    __slots__ = ("_body", "_body_since", "_paused_at", "body_stalled", "due", "paused", "request", "site", "transport")

    transport: StreamTransport

    def __init__(self, site: Site) -> None:
        self.site = site
        self.request: Request | None = None
        self.due = math.inf
        self.body_stalled = False
        self.paused = False
        self._paused_at = 0.0
        self._body: Extent | None = None
        self._body_since = 0.0

    @property
    def body_left(self) -> int:
        """Bytes of the body still to come: 0 when it is complete, below that while their number is unknown."""
        return 0 if self._body is None else self._body.left

    def bypassed(self) -> None:
        """Somebody else reads from here on: what we knew of pauses is his to know."""
        if self.paused:
            self.paused = False
            self.site.departures.unwatch(self.transport)

    def body_passed(self, size: int) -> None:
        """Count a piece of the body that went past."""
        body, request = self._body, self.request
        if body is None or request is None:
            return
        body.passed(size)
        if body.complete:
            self._body = None
        request.record.received += size
        self.due = self.site.sweep.now + request.limit
        fault = self._fault_of(body, request.record.received)
        if fault is not None:
            self.refuse(fault)

    def body_waits(self) -> None:
        """Whoever takes the body does not keep up."""
        self.body_stalled = True
        self._paused_at = self.site.sweep.now

    def body_goes_on(self) -> None:
        """He has caught up."""
        self.body_stalled = False
        self._body_since += self.site.sweep.now - self._paused_at  # time that the client could not use

    def client_lost(self) -> None:
        """The client's connection broke, or it has left although we do not read: who works for it should know now."""
        self.transport.abortConnection()

    def _pause(self) -> None:
        """Stop reading. A paused transport does not notice that its peer left, so it is watched meanwhile."""
        if not self.paused:
            self.paused = True
            self._paused_at = self.site.sweep.now
            self.transport.pauseProducing()
            self.site.departures.watch(self.transport, self.client_lost)

    def _fault_of(self, body: Extent, received: int) -> ClientProtocolError | None:
        """What is wrong with an upload so far; nothing ever with what comes through a tunnel."""
        if body.left == UNTIL_CLOSE:
            return None
        lasted = 0.0 if body.complete else self.site.sweep.now - self._body_since  # what is here came fast enough
        return of_upload(received, lasted, self.site.limits)
