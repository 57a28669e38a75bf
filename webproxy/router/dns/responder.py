"""What becomes of a message: an answer, a short one, or none.

Rule of this file: the same for UDP and TCP, without sockets. How often an address is answered over UDP is bounded:
whoever has another's address there (a reflection) reaches it with no more than that, and whoever really asks more is
sent to TCP every second time, where nobody can take another's address.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from webproxy.address import neighbourhood
from webproxy.router.dns.query import Query, parsed
from webproxy.router.dns.reply import answered, shortened
from webproxy.router.rates import Rates

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.router.dns.zone import Zone

RATE = 20.0
"""Answers a second to one address, IPv6 by /64: an authority asks for a handful, a resolver keeps what it has heard."""
BURST = 100
SLIP = 2
"""Of those beyond, every second is told to come by TCP, and the others hear nothing."""


class Responder:
    """Answers for one zone.

    :param clock: seconds that nobody sets.
    :ivar counts: answers and those who got none, by why; bounded by the words there are.
    """

    def __init__(self, zone: Zone, clock: Callable[[], float]) -> None:
        self.zone = zone
        self.counts: Counter[str] = Counter()
        self._rates = Rates(clock, rate=RATE, burst=BURST)

    def __repr__(self) -> str:
        return f"<Responder for {self.zone!r}>"

    def datagram(self, message: bytes, source: str) -> bytes | None:
        """Answer what came over UDP.

        :param source: the sender's address, which may be anybody's.
        :returns: ``None`` for no answer.
        """
        query = parsed(message)
        if query is None:
            self.counts["ignored"] += 1
            return None
        if self._rates.wait(neighbourhood(source)):
            self.counts["limited"] += 1
            if self.counts["limited"] % SLIP or not isinstance(query, Query):
                return None
            return shortened(query, self.zone)
        self.counts["udp"] += 1
        return answered(query, self.zone, size=len(message), datagram=True)

    def stream(self, message: bytes) -> bytes | None:
        """Answer what came over TCP; as above."""
        query = parsed(message)
        if query is None:
            self.counts["ignored"] += 1
            return None
        self.counts["tcp"] += 1
        return answered(query, self.zone, size=len(message), datagram=False)
