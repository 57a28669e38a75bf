"""Writing lines without ever blocking the reactor.

Rule of this file: the reactor's side only gathers, a thread does all that may block, and what cannot be written is
counted, never raised. Each number is written by one side and read by the other, so nothing is locked.

The reactor hands lines over at most every 100 ms, by a timer that runs only while lines wait: at rest neither the
reactor nor the thread wakes up.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from twisted.logger import Logger

from webproxy.observe.sink import Unwritten

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.observe.sink import Sink

log = Logger()

DELAY: Final = 0.1
"""Seconds for which a line may wait in the reactor."""
BACKLOG: Final = 8 * 1024 * 1024
"""Bytes of lines that may wait in all: half a second of lines at full speed, so a disk may pause that long."""
CLOSING: Final = 2.0
"""Seconds that the last lines have to be written."""
_OVERHEAD: Final = 64
"""Bytes that a line of ASCII takes in memory beyond its characters, its place in a list included."""


class LineWriter:
    """Lines on their way from the reactor to a sink: made, writing, or closed.

    All public methods belong to the reactor's thread.

    :param sink: where they go; only our thread writes to it.
    :param reactor: times the handing over (``IReactorTime``), takes our complaints (``IReactorFromThreads``).
    :param lost: lines lost -> the line that tells it; called in our thread.
    :param backlog: bytes of memory that lines may take; more are dropped.
    """

    def __init__(self, sink: Sink, reactor: Any, lost: Callable[[int], str], *, backlog: int = BACKLOG) -> None:
        self._sink = sink
        self._reactor = reactor
        self._lost_line = lost
        self._backlog = backlog
        # written by the reactor
        self._lines: list[str] = []
        self._size = 0
        self._room = backlog
        self._timer: Any = None
        self._handed = 0
        self._dropped = 0
        self._closing = False
        # written by the reactor, emptied by the thread
        self._batches: deque[tuple[list[str], int]] = deque()
        self._reopening = False
        self._wake = threading.Event()
        # written by the thread
        self._finished = 0
        self._unwritten = 0
        self._told = 0
        self._failing = False
        self._worker: threading.Thread | None = None

    def __repr__(self) -> str:
        state = "closed" if self._closing else "writing" if self._worker else "made"
        return f"<LineWriter {self._sink.destination!r} {state} waiting={self.waiting} lost={self.lost}>"

    @property
    def waiting(self) -> int:
        """Bytes of memory that lines not yet written take."""
        return self._size + self._handed - self._finished

    @property
    def lost(self) -> int:
        """How many lines were lost so far: dropped for want of room, or refused by the system."""
        return self._dropped + self._unwritten

    def start(self) -> None:
        """Open the sink and start a thread: after the process went into the background, for a fork has no threads.

        Nor is one made before that: from Python 3.13 on a fork takes those that were made for ended ones.

        :raises StartError: when the sink cannot be opened.
        """
        self._sink.open()
        self._worker = threading.Thread(target=self._run, name="access log", daemon=True)
        self._worker.start()

    def append(self, line: str) -> None:
        """Take a line, without its end.

        With all that the thread does for it, a line costs 0.4 us of CPU, 0.1 of them here; through a
        ``queue.SimpleQueue``, which wakes the thread for every line, 6; through a deque and an ``Event`` 9.
        """
        self._size += len(line) + _OVERHEAD
        if self._size > self._room:
            self._size -= len(line) + _OVERHEAD
            self._dropped += 1
        else:
            self._lines.append(line)
        if self._timer is None and not self._closing:
            self._timer = self._reactor.callLater(DELAY, self._hand_over)

    def reopen(self) -> None:
        """Have the file opened anew, after a rotation of logs; lines appended before may go to either file."""
        self._reopening = True
        self._wake.set()

    def close(self, within: float = CLOSING) -> None:
        """Write what waits, then stop the thread; lines appended from now on are dropped.

        :param within: seconds to wait at most.
        """
        if self._closing:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._hand_over()
        self._room = -1
        # after the handing over: the thread ends once it has seen this and written what was handed over before
        self._closing = True
        self._wake.set()
        if self._worker is None:
            return
        self._worker.join(within)
        if self._worker.is_alive():
            self._sink.give_up()
            log.error(
                "Access log {name}: not all was written within {within} s",
                name=self._sink.destination,
                within=within,
                kind="access-log-cut",
            )

    def _hand_over(self) -> None:
        self._timer = None
        if self._lines:
            self._batches.append((self._lines, self._size))
            self._handed += self._size
            self._lines = []
            self._size = 0
        self._room = self._backlog - (self._handed - self._finished)
        self._wake.set()

    def _run(self) -> None:
        """Write what is handed over, until the end: all that the thread does."""
        last = False
        while not last:
            self._wake.wait()
            self._wake.clear()
            last = self._closing
            if self._reopening:
                self._reopening = False
                self._reopen()
            while self._batches:
                lines, size = self._batches.popleft()
                self._unwritten += self._write(lines)
                self._finished += size
            lost = self.lost
            if lost > self._told and not self._write([self._lost_line(lost - self._told)]):
                self._told = lost
        self._sink.close()

    def _write(self, lines: list[str]) -> int:
        """Write lines; give how many of them were lost."""
        lines.append("")  # for the last line's end
        try:
            self._sink.write("\n".join(lines).encode("ascii", "backslashreplace"))
        except Unwritten as unwritten:
            if not self._failing:
                self._say(f"lines are lost ({unwritten.cause.strerror or unwritten.cause})")
            self._failing = True
            return unwritten.lines
        if self._failing:
            self._say("lines are written again")
        self._failing = False
        return 0

    def _reopen(self) -> None:
        try:
            self._sink.reopen()
        except OSError as error:
            self._say(f"cannot be opened anew, goes on in the old file ({error.strerror or error})")

    def _say(self, what: str) -> None:
        """Tell the operator, in the reactor's thread, where all other messages come from."""
        try:
            self._reactor.callFromThread(log.error, "Access log {name}: {what}", name=self._sink.destination, what=what)
        except RuntimeError:  # the event loop is closed: the process ends, and this thread with it
            return
