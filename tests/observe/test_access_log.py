"""The access log: a line for every exchange, at the right time, and no trouble for the traffic."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from tests.observe.exchanges import AT, exchange, head
from webproxy.errors import StartError
from webproxy.message.record import ExchangeRecord
from webproxy.observe.access_log import FORMATS, AccessLog, LineFormat, NoAccessLog, open_access_log

if TYPE_CHECKING:
    from pathlib import Path

    from webproxy.message.record import Observer


class Paper:
    """A writer that keeps what it is given."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.events: list[str] = []

    def __repr__(self) -> str:
        return "<Paper>"

    def append(self, line: str) -> None:
        self.lines.append(line)

    def reopen(self) -> None:
        self.events.append("reopen")

    def close(self) -> None:
        self.events.append("close")


class Wall:
    """A clock on the wall that anybody may set."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def whole_seconds(now: float) -> str:
    return str(int(now))


def by_id(record: ExchangeRecord, at: str) -> str:
    return f"{at} {record.id.decode()}"


def broken(record: ExchangeRecord, at: str) -> str:
    raise ValueError("no such line")


def lost(lines: int, at: str) -> str:
    return f"{at} lost {lines}"


def test_every_exchange_is_a_line_with_the_time_it_ended_at() -> None:
    paper, wall = Paper(), Wall(100.0)
    log = AccessLog(LineFormat(by_id, whole_seconds, lost, 1.0), paper, wall)
    # 7 is the clock set back
    for now in (100.0, 100.999, 101.0, 250.5, 7.0, 7.5, 8.0):
        wall.now = now
        log.exchange_ended(ExchangeRecord(b"%g" % now, "client", None, 0.0))
    assert paper.lines == ["100 100", "100 100.999", "101 101", "250 250.5", "7 7", "7 7.5", "8 8"]


def test_a_stamp_is_written_once_a_step() -> None:
    stamps: list[float] = []

    def stamp(now: float) -> str:
        stamps.append(now)
        return "-"

    wall = Wall(AT)
    log = AccessLog(LineFormat(by_id, stamp, lost, 1.0), Paper(), wall)
    for hundredth in range(200):
        wall.now = AT + hundredth / 100
        log.exchange_ended(exchange(head()))
    assert stamps == [AT, AT + 0.75, AT + 1.75]


def test_a_fault_of_ours_does_not_trouble_the_traffic() -> None:
    paper = Paper()
    log = AccessLog(LineFormat(broken, whole_seconds, lost, 1.0), paper, Wall(AT))
    with capturedLogs() as events:
        for _ in range(9):
            log.exchange_ended(exchange(head(target=b"/?token=s3cret")))
    assert paper.lines == []
    assert repr(log) == "<AccessLog failures=9 to <Paper>>"
    assert [formatEvent(event) for event in events] == [
        f"Access log: an exchange could not be written ({failures} so far)" for failures in (1, 2, 4, 8)
    ]
    assert all(event["log_failure"].check(ValueError) for event in events)


def test_reopening_and_closing_are_the_writers() -> None:
    paper = Paper()
    log = AccessLog(FORMATS["json"], paper, Wall(AT))
    log.reopen()
    log.close()
    assert paper.events == ["reopen", "close"]


def test_a_combined_log_from_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = open_access_log(str(path), "combined", Clock(), Wall(AT))
    log.exchange_ended(exchange(head()))
    log.close()
    assert path.read_text().startswith(
        '203.0.113.7 - - [22/Nov/2025:21:26:13 +0000] "POST /api/chat HTTP/1.1" 200 5120'
    )


def test_a_json_log_from_end_to_end(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = open_access_log(str(path), "json", Clock())
    before = time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
    log.exchange_ended(exchange(head()))
    log.reopen()
    log.exchange_ended(exchange(None))
    log.close()
    first, second = map(json.loads, path.read_text().splitlines())
    assert first["target"] == "/api/chat"
    assert second["target"] is None
    assert before <= first["time"] <= second["time"]


@pytest.mark.parametrize(
    ("log_format", "told"),
    [
        ("combined", "# 22/Nov/2025:21:26:13 +0000: 1 lines of the access log were lost here\n"),
        ("json", '{"time":"2025-11-22T21:26:13.250Z","lost_lines":1}\n'),
    ],
)
def test_losses_are_told_in_the_format(log_format: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    log = open_access_log(str(path), "json" if log_format == "json" else "combined", Clock(), Wall(AT))
    assert isinstance(log, AccessLog)
    log._append("x" * (64 << 20))
    log.close()
    assert path.read_text() == told


def test_a_log_that_cannot_be_opened_is_an_error_of_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError):
        open_access_log(str(tmp_path), "combined", Clock())


def test_none_is_wanted() -> None:
    log = open_access_log("none", "combined", Clock())
    assert isinstance(log, NoAccessLog)
    log.exchange_ended(exchange(None))
    log.reopen()
    log.close()


def test_both_are_observers(tmp_path: Path) -> None:
    """For mypy: what the other rooms ask for is what these are."""
    observers: list[Observer] = [NoAccessLog(), AccessLog(FORMATS["json"], Paper(), Wall(AT))]
    for observer in observers:
        observer.exchange_ended(exchange(head()))
