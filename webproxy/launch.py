"""How a program of ours gets on with twistd, which starts it: errors are sentences, told where the operator reads them.

Rule of this file: what both programs share of their ``tap``; it knows neither of them, and no reactor.
"""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

from twisted.application.service import MultiService
from twisted.logger import Logger

from webproxy.errors import StartError
from webproxy.observe import journal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from twisted.application.service import IService

    from webproxy.errors import SettingsError


FULL_COLLECTION = 100
"""How many collections of what is young and middle-aged precede one of everything; Python's own number is 10."""


class Bound(MultiService):
    """Our services, with their sockets bound already.

    :param program: what it is called.
    :param children: the services, in the order in which they start; they stop in the opposite one.
    :param twistd: twistd's own options.
    :param lines: the banner, for the log.
    """

    log = Logger()

    def __init__(
        self, program: str, children: Sequence[IService], twistd: Mapping[str, Any], lines: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.program = program
        for child in children:
            child.setServiceParent(self)
        self.twistd = twistd
        self.lines = lines

    def privilegedStartService(self) -> None:
        """Do nothing: what twistd wants done here has been done before it forked."""

    def startService(self) -> None:
        """Start, with the banner in the log.

        :raises SystemExit: 1 after an error was told.
        """
        for line in self.lines:
            self.log.info("{line}", line=line, kind="started")
        try:
            super().startService()
        except StartError as error:
            self._give_up(error)
        shorten_pauses()

    def _give_up(self, error: StartError) -> NoReturn:
        """Tell an error that came after twistd forked and began its log, and leave nothing behind."""
        if not logs_to_stdout(self.twistd):
            self.log.critical("{error}", error=error, kind="start-failed")
        if self.twistd.get("pidfile"):
            Path(self.twistd["pidfile"]).unlink(missing_ok=True)
        if "statusPipe" in self.twistd:  # in the background: the process that was started reads 100 bytes, and tells
            os.write(self.twistd["statusPipe"], f"1 {error}".encode(errors="replace")[:100])
        leave(error, self.program, sys.__stderr__)  # sys.stderr is the log by now


def leave(error: SettingsError | StartError, program: str, stream: TextIO | None = None) -> NoReturn:
    """Tell an error and go.

    :param program: whose error it is.
    :param stream: where it is told; standard error, if nothing else is said.
    :raises SystemExit: always, with the error's exit status.
    """
    for line in str(error).splitlines():
        (stream or sys.stderr).write(f"{program}: {line}\n")
    raise SystemExit(error.exit_status)


def in_foreground(twistd: Mapping[str, Any]) -> bool:
    """Tell whether twistd stays where it was started."""
    return bool(twistd.get("nodaemon") or twistd.get("debug"))


def logs_to_stdout(twistd: Mapping[str, Any]) -> bool:
    """Tell whether twistd's log goes where the banner is printed: to standard output, or both to the journal."""
    logger = twistd.get("logger")
    elsewhere = (
        twistd.get("syslog")
        or logger not in (None, "", journal.observer)
        or twistd.get("logfile") not in (None, "", "-")
    )
    return in_foreground(twistd) and not elsewhere


def shorten_pauses() -> None:
    """Have Python's collector look at all that was loaded now, and never again.

    A collection of everything holds up every exchange: 40 ms with the modules of a start, and as much again for some
    5,000 WebSockets. It finds next to nothing here, for what passes through leaves no cycles.
    """
    gc.collect()
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_COLLECTION)
