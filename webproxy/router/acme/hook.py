"""dns-01 by a command: whoever has a DNS provider's tool has the records set by it.

Rule of this file: a command is started with words, no shell reads them; it has so long and no longer, what it says is
read up to a bound, and its last line stands in the error. It ends when the record is seen everywhere.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any, Literal

from webproxy.router.acme.faults import plain
from webproxy.router.acme.solver import Kind, SolverError
from webproxy.router.acme.threads import TooLongError, in_thread

if TYPE_CHECKING:
    from collections.abc import Sequence

LIMIT = 600.0
"""Seconds for a command: records may take minutes to be seen everywhere."""
TAIL = 2000
"""Bytes of what it says that are kept."""


class HookSolver:
    """A command that sets records.

    :param command: with its first words.
    :param limit: seconds for it.
    """

    kind: Kind = "dns-01"

    def __init__(self, reactor: Any, command: Sequence[str], limit: float = LIMIT) -> None:
        self._reactor = reactor
        self._command = tuple(command)
        self._limit = limit

    def __repr__(self) -> str:
        return f"<HookSolver {self._command[0]}>"

    async def present(self, domain: str, name: str, value: str) -> None:
        """Have a record set.

        :raises SolverError: the command fails, or takes too long.
        """
        await self._run("present", domain, name, value)

    async def withdraw(self, domain: str, name: str, value: str) -> None:
        """Have it removed.

        :raises SolverError: as above.
        """
        await self._run("withdraw", domain, name, value)

    async def _run(self, does: Literal["present", "withdraw"], *words: str) -> None:
        command = (*self._command, does, *words)
        try:
            status, said = await in_thread(self._reactor, self._limit + 10, run, command, self._limit)
        except TooLongError as error:
            raise SolverError(f"the hook {self._command[0]} {does}: {error}") from error
        if status is None:
            raise SolverError(f"the hook {self._command[0]} {does} has not ended in {self._limit:g} s")
        if status:
            last = plain(said.strip().rpartition("\n")[2])
            raise SolverError(f"the hook {self._command[0]} {does} failed with status {status}: {last}".rstrip(": "))


def run(command: Sequence[str], limit: float) -> tuple[int | None, str]:
    """Run a command; blocks.

    :returns: its status, ``None`` when it was ended for its time; and the end of what it said.
    """
    try:
        child = subprocess.Popen(  # noqa: S603 - the operator's own words, and names that we made
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
    except OSError as error:
        return 127, error.strerror or str(error)
    with child:
        until = time.monotonic() + limit
        said = _heard(child, until)
        try:
            return child.wait(max(until - time.monotonic(), 0.0)), said
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # whatever it has started goes, too
            return None, said


def _heard(child: subprocess.Popen[bytes], until: float) -> str:
    """Read what a command says until it ends; only the end of it is kept."""
    said = b""
    out: Any = child.stdout
    while child.poll() is None and time.monotonic() < until:
        if select.select([out], [], [], min(0.05, max(until - time.monotonic(), 0.0)))[0]:
            piece = os.read(out.fileno(), 65536)
            if not piece:
                break
            said = (said + piece)[-TAIL:]
    while time.monotonic() < until and select.select([out], [], [], 0)[0] and (piece := os.read(out.fileno(), 65536)):
        said = (said + piece)[-TAIL:]
    return said.decode("utf-8", "replace")
