"""The tally: plain counters of the exchanges that are over.

Rule of this file: a request pays for one look-up and a few additions (0.3 us); what the numbers are called, and by what
they are added up, is asked only when somebody looks (``exposition``). Memory is bounded: class names come from
policies, statuses from services, and past ``MOST`` pairs of them the rest is counted together.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from webproxy.message.record import ExchangeRecord

BOUNDS: Final[Sequence[float]] = (
    0.005,
    0.025,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
    300.0,
    600.0,
    1800.0,
    7200.0,
)
"""Upper bounds of the histograms, in seconds: from a page to a model's download."""

MOST = 512
MOST_REASONS: Final = 32
OTHER: Final = ("OTHER", 0)


class Cell:
    """What exchanges of one class and status came to.

    :ivar count: how many they were.
    :ivar received: bytes of requests' bodies.
    :ivar sent: bytes of answers.
    :ivar seconds: how long they took, added up.
    :ivar durations: how many took at most each of ``BOUNDS``, and none of those before; the last are longer than all.
    :ivar waited: seconds until the first byte of the answer, added up.
    :ivar waits: as ``durations``, of those that got a first byte.
    """

    __slots__ = ("count", "durations", "received", "seconds", "sent", "waited", "waits")

    def __init__(self) -> None:
        self.count = self.received = self.sent = 0
        self.seconds = self.waited = 0.0
        self.durations = [0] * (len(BOUNDS) + 1)
        self.waits = [0] * (len(BOUNDS) + 1)

    def __repr__(self) -> str:
        return f"<Cell of {self.count}>"


class Tally:
    """Counts exchanges.

    :ivar cells: by class, as in the log (``DEFAULT>DOWNLOAD``), and status.
    :ivar ended_early: by who ended them: ``client``, ``upstream``, ``idle``, a policy's name.
    :ivar let_in: how many came with credentials that were good.
    :ivar turned_away: how many were not let in, by what was wrong.
    :ivar failures: of the internal service, by the phase they came in: ``connect``, ``head``, ``body``.
    """

    def __init__(self) -> None:
        self.cells: dict[tuple[str, int], Cell] = {}
        self.ended_early: dict[str, int] = {}
        self.let_in = 0
        self.turned_away: dict[str, int] = {}
        self.failures = {"connect": 0, "head": 0, "body": 0}

    def __repr__(self) -> str:
        return f"<Tally of {sum(cell.count for cell in self.cells.values())}>"

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Count one."""
        key = record.traffic_class, record.status
        cell = self.cells.get(key) or self._opened(key)
        started = record.started
        cell.count += 1
        cell.received += record.received
        cell.sent += record.sent
        seconds = record.ended - started
        cell.seconds += seconds
        cell.durations[bisect_left(BOUNDS, seconds)] += 1
        first = record.first_byte
        if first is not None:
            cell.waited += first - started
            cell.waits[bisect_left(BOUNDS, first - started)] += 1
        if record.user is not None:
            self.let_in += 1
        if record.closed_by:
            self._ended_early(record)

    def _opened(self, key: tuple[str, int]) -> Cell:
        """Open a cell for a class and status that have none."""
        if len(self.cells) >= MOST:
            key = OTHER
        return self.cells.setdefault(key, Cell())

    def _ended_early(self, record: ExchangeRecord) -> None:
        by = record.closed_by
        self.ended_early[by] = self.ended_early.get(by, 0) + 1
        if by == "access":
            self._turned_away(record.note)
        if record.failed_in:
            self.failures[record.failed_in] += 1

    def _turned_away(self, note: str) -> None:
        """Count who was not let in; a user's name is no part of the reason."""
        reason = note.partition(" for ")[0]
        known = reason in self.turned_away or len(self.turned_away) < MOST_REASONS
        reason = reason if known else "other"
        self.turned_away[reason] = self.turned_away.get(reason, 0) + 1
