"""A bridge: two WebSockets that say each other what they hear, and how they end (RFC 6455 §7).

A Close goes to the other side, whose answer comes back; then the server of each leg closes first (§7.1.1). A side that
breaks the rules is told so and hears no more, and the other one is told that it is gone. A side that vanishes without a
Close takes the other with it in the same way: a FIN as a FIN, a reset as a reset.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from twisted.internet.error import ConnectionAborted, ConnectionDone

from webproxy.net.progress import unsent
from webproxy.websocket.frame import farewell
from webproxy.websocket.leg import ClientLeg, UpstreamLeg
from webproxy.websocket.liveness import Liveness, is_ours
from webproxy.websocket.terms import GRACE, Couple

if TYPE_CHECKING:
    from twisted.internet.interfaces import IDelayedCall
    from twisted.python.failure import Failure

    from webproxy.message.record import ExchangeRecord
    from webproxy.websocket.compression import Deflates
    from webproxy.websocket.leg import Leg
    from webproxy.websocket.terms import Keeper, Terms

GOING_AWAY, INTERNAL_ERROR = 1001, 1011

ANSWER_TIME = 5.0
"""How long a side may take to answer a Close, in seconds."""


class Bridge(Couple):
    """Two legs. States: open, closing (a Close is under way, a time limit runs), over.

    :param deflates: of the client's leg and of the service's.
    :param limit: seconds without a message or a ping after which it ends; ``math.inf`` for none.
    :ivar due: when that is, on the sweep's clock.
    """

    __slots__ = ("_closing", "_limit", "_liveness", "_pending", "client", "due", "upstream")

    is_ours = staticmethod(is_ours)

    def __init__(
        self,
        terms: Terms,
        record: ExchangeRecord,
        client: Keeper,
        upstream: Keeper,
        deflates: Deflates = (None, None),
        limit: float = math.inf,
    ) -> None:
        super().__init__(terms, record)
        self.client = ClientLeg(self, client, deflates[0])
        self.upstream = UpstreamLeg(self, upstream, deflates[1])
        self.client.other, self.upstream.other = self.upstream, self.client
        if deflates == (None, None):
            self.client.keep_masks()
        self.due = math.inf
        self._limit = limit
        self._pending = 0
        self._closing: IDelayedCall | None = None
        self._liveness = Liveness(self) if terms.ping < math.inf else None

    def __repr__(self) -> str:
        return f"<Bridge client={self.client} upstream={self.upstream}>"

    def begin(self, from_client: bytes, from_upstream: bytes) -> None:
        """Read what each side has sent behind its half of the handshake, then all that comes."""
        self.touch()
        if self._limit < math.inf:
            self.terms.sweep.add(self)
        if self._liveness is not None:
            self._liveness.begin()
        self.client.begin(from_client)
        self.upstream.begin(from_upstream)

    def counts(self) -> tuple[int, int]:
        """Give how many bytes came from the client, and how many from upstream for it."""
        return self.client.count, self.upstream.count

    def touch(self) -> None:
        """Let the idle limit start anew."""
        self.due = self.terms.sweep.now + self._limit

    def expired(self, now: float) -> None:
        """Nothing was said for the limit, unless somebody is still reading what was said before."""
        pending = unsent(self.client.transport) + unsent(self.upstream.transport)
        if pending and pending != self._pending:
            self._pending = pending
            self.touch()
            return
        note = f"nothing moved for {self._limit:g} s"
        self.blame("idle", note)
        self._say_goodbye(note)

    def going_away(self) -> None:
        """We are about to stop: say so to both."""
        self.blame("drain")
        self._say_goodbye("")

    def _say_goodbye(self, why: str) -> None:
        for leg in (self.client, self.upstream):
            leg.say_close(farewell(GOING_AWAY, why))
        self._limit_closing(ANSWER_TIME)

    # What legs tell

    def closed(self, leg: Leg, payload: bytes) -> None:
        """A Close came in; it goes to the other side, or is the answer to the one that came from there."""
        leg.other.say_close(payload)
        self._limit_closing(ANSWER_TIME)
        client = self.client
        if client.told and client.deaf and not client.lost:
            client.keeper.close()  # §7.1.1: the server closes first; on the other leg that is the service

    def failed(self, leg: Leg, code: int, reason: str) -> None:
        """A side broke the rules: tell both, and hear nothing more of it (§7.1.7)."""
        who = self._name(leg)
        self.blame(who, reason)
        leg.say_close(farewell(code, reason))
        self._depart(leg)
        self._tell_of(leg, f"the {who} broke the rules: {reason}")

    def vanished(self, leg: Leg) -> None:
        """A side does not answer pings: it is gone without a word."""
        who = self._name(leg)
        self.blame(who, f"it answered no ping within {self.terms.ping:g} s")
        leg.transport.abortConnection()
        self._tell_of(leg, f"the {who} vanished")

    def finished(self, leg: Leg) -> None:
        """A side has said its FIN. In order only behind its Close; its own answer it still gets."""
        if not leg.deaf:
            self.blame(self._name(leg), "it left without a Close")
            leg.keeper.close()
            self._drop(leg.other)
        elif leg.told:
            leg.keeper.close()

    def lost(self, leg: Leg, reason: Failure) -> None:
        """A side is gone."""
        if leg is self.client:
            received, sent = self.counts()
            self.record.received += received
            self.record.sent += sent
        other = leg.other
        if other.lost:
            self._over()
        elif other.told:
            self._limit_closing(GRACE)
        elif reason.check(ConnectionDone) is not None:
            self._drop(other)
        else:
            if reason.check(ConnectionAborted) is None:
                self.blame(self._name(leg), "it reset the connection")
            other.transport.abortConnection()

    # Ends

    def _name(self, leg: Leg) -> str:
        return "client" if leg is self.client else "upstream"

    def _tell_of(self, leg: Leg, why: str) -> None:
        """Tell the other side that ``leg`` is gone: to a client it is our side that failed, to a service its client."""
        if not leg.other.lost:
            leg.other.say_close(farewell(GOING_AWAY if leg is self.client else INTERNAL_ERROR, why))
        self._limit_closing(GRACE)

    def _drop(self, leg: Leg) -> None:
        """Let a side see by a FIN without a Close that the other one was gone without one (§7.1.5: code 1006)."""
        if not leg.lost:
            leg.keeper.close()

    def _depart(self, leg: Leg) -> None:
        """Send our FIN, and read on: closing with bytes unread would reset, and our last word might not be seen."""
        if leg.paused:
            leg.resume()
        leg.transport.unregisterProducer()
        leg.transport.loseWriteConnection()

    def _limit_closing(self, seconds: float) -> None:
        """From now on the end may take so long."""
        closing = self._closing
        if closing is not None and closing.active():
            if closing.getTime() <= self.terms.clock.seconds() + seconds:
                return
            closing.cancel()
        self._closing = self.terms.clock.callLater(seconds, self._close)

    def _close(self) -> None:
        for leg in (self.client, self.upstream):
            if not leg.lost:
                leg.keeper.close()

    def _over(self) -> None:
        self.terms.sweep.discard(self)
        if self._liveness is not None:
            self._liveness.end()
        closing, self._closing = self._closing, None
        if closing is not None and closing.active():
            closing.cancel()
