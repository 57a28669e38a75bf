"""A client connection that is given away after an upgrade: its bytes are another's, its place in the books remains.

Rule of this file: what giving away means for the half that reads; when it is done, and what its end means, is
``channel``'s.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from webproxy.downstream.intake import Intake

if TYPE_CHECKING:
    from twisted.internet.interfaces import IProtocol

    from webproxy.access.seal import Seal
    from webproxy.downstream.request import Successor
    from webproxy.downstream.site import Site


class Handover(Intake):
    """What can be given away.

    :ivar successor: whose the connection is, once it is given away.
    :ivar seal: what the client logs in with, once it was let in; only where somebody asks for that.
    :ivar shown: that was found in the head received last, and cut out.
    """

    __slots__ = ("successor",)

    seal: Seal | None = None
    shown: bool = False

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.successor: Successor | None = None

    def forget(self) -> None:
        """Let the next head be judged and rewritten anew: it would be another thing now."""
        self.judged = self.remembered = None

    def give_away(self, successor: Successor, protocol: IProtocol) -> bytes:
        """Let ``protocol`` have what comes from here on; no deadline of ours runs, and no further request will come.

        :returns: what has come already.
        """
        self.successor = successor
        self.due = math.inf
        self.judged = self.remembered = self._block = self._head = None
        self.transport.unregisterProducer()
        self.transport.protocol = protocol
        early, self._buffer = self._buffer, b""
        if self.paused:
            self.paused = False
            self.site.departures.unwatch(self.transport)
            self.transport.resumeProducing()
        return early
