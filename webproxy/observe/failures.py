"""The last exchanges that failed, and why, in words.

Rule of this file: a bounded list of small values; no head is kept, since it holds credentials.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple

from webproxy.observe.mask import masked
from webproxy.observe.running import of_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.message.record import ExchangeRecord

KEPT: Final = 50
LONGEST: Final = 200
"""Characters of a path."""

_WORDS: Final = {
    "client": "the client left",
    "upstream": "the internal service failed",
    "idle": "nothing moved for its idle limit",
    "drain": "webproxy was stopped",
    "operator": "an operator closed it",
    "access": "not let in",
    "error": "an error of webproxy's",
    "": "answered with an error",
}


class Failed(NamedTuple):
    """One exchange that did not end as it should.

    :ivar time: when, in seconds since the epoch.
    :ivar id: as in the log.
    :ivar client: its address.
    :ivar method: of the request.
    :ivar path: of the request, without its query.
    :ivar status: that the client got.
    :ivar traffic_class: as in the log.
    :ivar closed_by: who ended it.
    :ivar reason: why, in words.
    """

    time: float
    id: str
    client: str
    method: str
    path: str
    status: int
    traffic_class: str
    closed_by: str
    reason: str


class Failures:
    """Keeps the last of them, the latest first.

    :param wall: gives the time of day, in seconds since the epoch.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._last: deque[Failed] = deque(maxlen=KEPT)

    def __repr__(self) -> str:
        return f"<Failures {len(self._last)}>"

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Keep one: 3 us, which only a failure costs."""
        method, path = of_request(record.head)
        self._last.appendleft(
            Failed(
                round(self._wall(), 3),
                record.id.decode("latin-1"),
                record.client,
                method,
                path[:LONGEST],
                record.status,
                record.traffic_class,
                record.closed_by,
                in_words(record.closed_by, record.note),
            )
        )

    def last(self) -> list[Failed]:
        """Give them, the latest first."""
        return list(self._last)


def in_words(closed_by: str, note: str) -> str:
    """Tell why an exchange failed.

    :param closed_by: as in its record; what is none of the words there is a policy's name.
    :param note: what its record says beside.
    """
    who = _WORDS.get(closed_by, f"the policy {closed_by} rejected it")
    return f"{who}: {masked(note)}" if note else who
