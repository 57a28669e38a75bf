"""Whether both sides of a bridge still live: who was silent for a while is pinged, who does not answer is gone.

Pings of ours and of the two sides share their legs; ours carry a word that nobody else knows, and answers to them go no
further.
"""

from __future__ import annotations

from secrets import token_bytes
from typing import TYPE_CHECKING

from webproxy.websocket.frame import PING
from webproxy.websocket.speaking import FIN

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge
    from webproxy.websocket.leg import Leg

WORD = b"webproxy" + token_bytes(8)
"""What our pings carry."""


def is_ours(payload: bytes) -> bool:
    """Tell whether a pong answers a ping of ours."""
    return payload == WORD


class Liveness:
    """Asks both legs of one bridge, at every interval of the terms.

    :ivar due: when it looks next, on the sweep's clock.
    """

    __slots__ = ("_asked", "_bridge", "due")

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._asked: set[Leg] = set()
        self.due = 0.0

    def begin(self) -> None:
        """Look from now on."""
        terms = self._bridge.terms
        self.due = terms.sweep.now + terms.ping
        terms.sweep.add(self)

    def end(self) -> None:
        """Look no more."""
        self._bridge.terms.sweep.discard(self)

    def expired(self, now: float) -> None:
        """Ping who was silent, give up who was silent though pinged."""
        bridge = self._bridge
        self.due = now + bridge.terms.ping
        for leg in (bridge.client, bridge.upstream):
            if leg.lost or leg.told or leg.deaf:
                continue
            if leg.heard or leg.paused:  # a side that we do not read cannot be heard
                leg.heard = False
                self._asked.discard(leg)
            elif leg in self._asked:
                bridge.vanished(leg)
                return
            elif not leg.owed:
                self._asked.add(leg)
                leg.say_frame(FIN | PING, WORD)
