"""On what terms WebSockets pass, and what all of them share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from twisted.internet.interfaces import IReactorTime
    from twisted.python.failure import Failure

    from webproxy.message.record import ExchangeRecord
    from webproxy.net.departure import DepartureWatch
    from webproxy.net.stream import StreamTransport
    from webproxy.net.sweep import IdleSweep
    from webproxy.settings.model import WebSocketMode

GRACE = 1.0
"""How long one side may speak on after the other has finished, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for every WebSocket of one proxy.

    :param mode: ``tunnel``, ``frames``, or ``auto``: frames for those that need it.
    :param ping: seconds of silence after which a side is asked whether it lives; ``math.inf`` for never.
    :param max_message: most bytes of a message, as the other side would get it.
    :param max_frame: most bytes of a frame, as it arrives.
    :param clock: calls later.
    """

    clock: IReactorTime
    sweep: IdleSweep
    departures: DepartureWatch
    mode: WebSocketMode = "auto"
    ping: float = math.inf
    max_message: float = math.inf
    max_frame: float = math.inf

    def frames(self, asked: bool) -> bool:
        """Decide the mode of one WebSocket, before upstream is asked; True for frames.

        :param asked: whether a policy wants frames.
        """
        needed = min(self.ping, self.max_message, self.max_frame) < math.inf
        return self.mode == "frames" or (self.mode == "auto" and (asked or needed))


class Keeper(Protocol):
    """Whose connection it was before the upgrade: it keeps the books, and knows how to end it.

    :ivar transport: the connection's.
    """

    @property
    def transport(self) -> StreamTransport: ...  # noqa: D102

    def close(self) -> None:
        """Close once everything written has been sent."""

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone."""


class Couple:
    """Two connections that share their end; a tunnel or a bridge.

    :ivar record: of the exchange that was upgraded; it is filled in before the client's keeper hears of the end.
    """

    __slots__ = ("record", "terms")

    def __init__(self, terms: Terms, record: ExchangeRecord) -> None:
        self.terms = terms
        self.record = record

    def blame(self, closed_by: str, note: str = "") -> None:
        """Write down who ended it; the first one is right."""
        record = self.record
        if not record.closed_by:
            record.closed_by = closed_by
            record.note = record.note or note
