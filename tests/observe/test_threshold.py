"""How much the log says."""

from __future__ import annotations

import pytest
from twisted.logger import ILogObserver, LogEvent, Logger, LogPublisher
from zope.interface import implementer

from webproxy.observe.threshold import Threshold


def writing(written: list[str]) -> LogPublisher:
    """A log that is written down there."""

    @implementer(ILogObserver)
    def write(event: LogEvent) -> None:
        written.append(event["log_format"])

    return LogPublisher(write)


def say_all(publisher: LogPublisher) -> None:
    log = Logger(observer=publisher)
    log.debug("debug")
    log.info("info")
    log.warn("warn")  # noqa: G010 - Twisted's name
    log.error("error")
    log.critical("critical")
    publisher({"log_format": "without a level"})


LEVELS = ["debug", "info", "warn", "error", "critical", "without a level"]


@pytest.mark.parametrize("level", ["debug", "info", "warn", "error"])
def test_what_is_below_is_not_written(level: str) -> None:
    written: list[str] = []
    publisher = writing(written)
    threshold = Threshold(level)
    threshold.put_in_place(publisher)
    say_all(publisher)
    assert written == LEVELS[LEVELS.index(level) :]
    assert repr(threshold) == f"<Threshold {level}>"


def test_it_may_be_chosen_anew_and_taken_away() -> None:
    written: list[str] = []
    publisher = writing(written)
    threshold = Threshold("error")
    threshold.put_in_place(publisher)
    threshold.choose("warn")
    say_all(publisher)
    assert written == ["warn", "error", "critical", "without a level"]
    threshold.take_away(publisher)
    written.clear()
    say_all(publisher)
    assert written == LEVELS
    threshold.take_away(publisher)
    assert len(publisher._observers) == 1
