"""The access log: one line for every exchange that is over.

Rule of this file: it joins a format (pure), the time of day and a writer (a thread), and never lets any of them trouble
the traffic.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from twisted.logger import Logger

from webproxy.observe import combined, json_lines
from webproxy.observe.line_writer import LineWriter
from webproxy.observe.sink import Sink

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.message.record import ExchangeRecord
    from webproxy.settings.model import LogFormat

log = Logger()


class LineFormat(NamedTuple):
    """How exchanges are written.

    :ivar line: exchange, stamp of its end -> line.
    :ivar stamp: seconds since the epoch -> stamp.
    :ivar lost: number of lines lost, stamp -> line.
    :ivar step: for how many seconds a stamp holds.
    """

    line: Callable[[ExchangeRecord, str], str]
    stamp: Callable[[float], str]
    lost: Callable[[int, str], str]
    step: float


FORMATS: Final[dict[LogFormat, LineFormat]] = {
    "combined": LineFormat(combined.line, combined.stamp, combined.lost, combined.STEP),
    "json": LineFormat(json_lines.line, json_lines.stamp, json_lines.lost, json_lines.STEP),
}


class Writer(Protocol):
    """What an access log writes to; see :class:`webproxy.observe.line_writer.LineWriter`."""

    def append(self, line: str) -> None:
        """Take a line."""

    def reopen(self) -> None:
        """Open the file anew."""

    def close(self) -> None:
        """Write what waits, then stop."""


class AccessLog:
    """Writes a line for every exchange.

    :param line_format: how.
    :param writer: where.
    :param wall: gives the time of day, seconds since the epoch.
    :ivar failures: exchanges that could not be written for a fault of ours.
    """

    def __init__(self, line_format: LineFormat, writer: Writer, wall: Callable[[], float]) -> None:
        self._format = line_format
        self._writer = writer
        self._wall = wall
        self._line = line_format.line
        self._append = writer.append
        self._since = self._until = 0.0
        self._stamp = ""
        self.failures = 0

    def __repr__(self) -> str:
        return f"<AccessLog failures={self.failures} to {self._writer!r}>"

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Write an exchange: 1.55 us, of which the combined line 1.2, the writer 0.1; 1.9 us as JSON."""
        try:
            now = self._wall()
            if not self._since <= now < self._until:
                self._turn(now)
            self._append(self._line(record, self._stamp))
        except Exception:  # noqa: BLE001 - an observer's fault must not become the client's
            self._failed()

    def reopen(self) -> None:
        """Open the file anew, after a rotation of logs."""
        self._writer.reopen()

    def close(self) -> None:
        """Write what waits, then stop; within two seconds."""
        self._writer.close()

    def _turn(self, now: float) -> None:
        """Write the stamp of the step of time that ``now`` is in; a clock that was set back is only another time."""
        step = self._format.step
        self._since = now - now % step
        self._until = self._since + step
        self._stamp = self._format.stamp(now)

    def _failed(self) -> None:
        """Count a failure; tell the first, second, fourth, eighth ... of them."""
        self.failures += 1
        if self.failures & (self.failures - 1) == 0:
            log.failure(
                "Access log: an exchange could not be written ({failures} so far)",
                failures=self.failures,
                kind="access-log-line-failed",
            )


class NoAccessLog:
    """Writes nothing: ``--access-log none``."""

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Do nothing."""

    def reopen(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


def open_access_log(
    destination: str, log_format: LogFormat, reactor: Any, wall: Callable[[], float] = time.time
) -> AccessLog | NoAccessLog:
    """Open an access log and start its thread: after any fork.

    :param destination: ``-`` for standard output, ``none``, or a path.
    :param reactor: as for :class:`LineWriter`.
    :param wall: gives the time of day, seconds since the epoch; called in the writer's thread too.
    :raises StartError: when the file cannot be opened.
    """
    if destination == "none":
        return NoAccessLog()
    line_format = FORMATS[log_format]
    writer = LineWriter(Sink(destination), reactor, lambda lines: line_format.lost(lines, line_format.stamp(wall())))
    writer.start()
    return AccessLog(line_format, writer, wall)
