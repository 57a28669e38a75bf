"""Where lines end up: standard output, a file, a named pipe.

Rule of this file: blocking calls on one descriptor, made by one thread, never the reactor's. It knows lines only to
say how many of them a full disk or a broken pipe has cost.
"""

from __future__ import annotations

import os
import select

from webproxy.errors import StartError

STANDARD_OUTPUT = "-"
_DESCRIPTOR_OF_STANDARD_OUTPUT = 1
_MODE = 0o640
_PATIENCE = 100
"""Milliseconds between two looks at whether a full, non-blocking pipe was given up."""


class Unwritten(Exception):  # noqa: N818 - as in errors.py: it says what happened
    """Not all could be written.

    :param lines: how many lines are lost, one begun and not ended included.
    :param cause: what the system said.
    """

    def __init__(self, lines: int, cause: OSError) -> None:
        super().__init__(lines, cause)
        self.lines = lines
        self.cause = cause


class Sink:
    """One destination of lines: closed, open, or closed again.

    :param destination: ``-`` for standard output, or the path of a file, which is created with mode 0640 and only
        ever appended to.
    """

    def __init__(self, destination: str) -> None:
        self.destination = destination
        self._descriptor = -1
        self._torn = False
        self._given_up = False

    def __repr__(self) -> str:
        return f"<Sink {self.destination!r} {'closed' if self._descriptor < 0 else 'open'}>"

    def open(self) -> None:
        """Open the destination.

        :raises StartError: when it cannot be opened.
        """
        try:
            self._descriptor = self._opened()
        except OSError as error:
            reason = error.strerror or str(error)
            raise StartError(
                f"the access log {self.destination} cannot be opened: {reason}",
                "choose with --access-log a file that this user may write, - or none",
            ) from error

    def reopen(self) -> None:
        """Open the file that has the name now; lines go there from here on. Does nothing to standard output.

        :raises OSError: when it cannot be opened; lines go on to the file opened before.
        """
        if self.destination != STANDARD_OUTPUT:
            before, self._descriptor = self._descriptor, self._opened()
            self._torn = False
            os.close(before)

    def write(self, data: bytes) -> None:
        """Write whole lines; return once the system has taken all of them.

        A line that was torn by an error is ended first, so that the next one stands on its own.

        :raises Unwritten: when the system refused; what it had taken before is written.
        """
        mend = b"\n" if self._torn else b""
        data = mend + data
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._push(rest) :]
        except OSError as error:
            done = len(data) - len(rest)
            if done:
                self._torn = not data.endswith(b"\n", 0, done)
            raise Unwritten(data.count(b"\n", max(done, len(mend))), error) from error
        self._torn = False

    def give_up(self) -> None:
        """Let a write that waits for a full pipe fail soon. May be called from another thread."""
        self._given_up = True

    def close(self) -> None:
        """Close a file; standard output belongs to the process and stays open."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0 and self.destination != STANDARD_OUTPUT:
            os.close(descriptor)

    def _opened(self) -> int:
        if self.destination == STANDARD_OUTPUT:
            return _DESCRIPTOR_OF_STANDARD_OUTPUT
        # O_NONBLOCK for the opening only: a named pipe that nobody reads would block it, now it fails with ENXIO
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self.destination, flags, _MODE)
        os.set_blocking(descriptor, True)
        return descriptor

    def _push(self, data: memoryview) -> int:
        """Write what the system takes at once; wait a while when that is nothing.

        :returns: how many bytes were written.
        :raises OSError: the system refused.
        :raises TimeoutError: it was given up.
        """
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            # whoever shares standard output with us may have made it non-blocking
            if self._given_up:
                raise TimeoutError("given up") from None
            ready = select.poll()
            ready.register(self._descriptor, select.POLLOUT)
            ready.poll(_PATIENCE)
            return 0
