"""On what terms WebSockets pass."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.testing import MemoryReactorClock

from webproxy.message.record import ExchangeRecord
from webproxy.net.departure import DepartureWatch
from webproxy.net.sweep import IdleSweep
from webproxy.websocket.terms import Couple, Terms


def terms(**given: Any) -> Terms:
    clock: Any = MemoryReactorClock()
    return Terms(clock=clock, sweep=IdleSweep(clock), departures=DepartureWatch(clock), **given)


@pytest.mark.parametrize(
    ("given", "asked", "frames"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"ping": 30.0}, False, True),
        ({"max_message": 1}, False, True),
        ({"max_frame": 1}, False, True),
        ({"mode": "frames"}, False, True),
        ({"mode": "tunnel"}, False, False),
        ({"mode": "tunnel"}, True, False),
    ],
)
def test_auto_is_frames_for_whom_something_needs_them(given: dict[str, Any], asked: bool, frames: bool) -> None:
    assert terms(**given).frames(asked) is frames


def test_the_first_who_is_blamed_stays_blamed() -> None:
    couple = Couple(terms(), ExchangeRecord(b"1", "203.0.113.7", None, 0.0))
    couple.blame("client", "it reset the connection")
    couple.blame("upstream", "it did, too")
    assert (couple.record.closed_by, couple.record.note) == ("client", "it reset the connection")
