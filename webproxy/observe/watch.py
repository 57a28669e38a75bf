"""Everything that wants to know of an exchange that is over: the access log, the tally, the list of failures.

Rule of this file: one observer for the rest of the house, so that nobody else knows how many there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from webproxy.observe.failures import Failures
from webproxy.observe.tally import Tally

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord, Observer


class Watch:
    """Tells each of them.

    :param log: the access log.
    :ivar tally: the counters.
    :ivar failures: the last exchanges that failed.
    """

    def __init__(self, log: Observer) -> None:
        self.tally = Tally()
        self.failures = Failures()
        self.write_to(log)
        self._count = self.tally.exchange_ended

    def __repr__(self) -> str:
        return f"<Watch {self.tally!r} {self.failures!r}>"

    def write_to(self, log: Observer) -> None:
        """Tell another access log from now on."""
        self._log = log.exchange_ended

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Tell of one."""
        self._log(record)
        self._count(record)
        if record.closed_by or record.status >= 500:
            self.failures.exchange_ended(record)
