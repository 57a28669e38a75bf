"""Everybody who wants to know of an exchange is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.observe.exchanges import exchange, head
from webproxy.observe.watch import Watch

if TYPE_CHECKING:
    from webproxy.message.record import ExchangeRecord


class Log:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[ExchangeRecord] = []

    def exchange_ended(self, record: ExchangeRecord) -> None:
        self.told.append(record)


def test_log_and_tally_hear_of_all_and_failures_of_what_failed() -> None:
    log = Log()
    watch = Watch(log)
    good, bad, ours, gone = (exchange(head()) for _ in range(4))
    bad.status, ours.status, gone.closed_by = 503, 404, "client"
    for record in (good, bad, ours, gone):
        watch.exchange_ended(record)
    assert log.told == [good, bad, ours, gone]
    assert repr(watch) == "<Watch <Tally of 4> <Failures 2>>"
