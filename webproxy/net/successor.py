"""Handing listening sockets to a process that takes our place, and taking them from the one before us.

Rule of this file: descriptors and words between two processes; which command, and what becomes of connections, is
``lifetime``'s. The successor is started as systemd would start it (sd_listen_fds(3)), so that any version understands
what it gets; one more descriptor, named ``predecessor``, is a stream between the two. A secret may wait there for the
successor from the beginning; it writes ``ready`` when it serves; from when the other end is closed it speaks for the
service.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReadDescriptor
from zope.interface import implementer

from webproxy.net.inherited import Inherited

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from twisted.python.failure import Failure

PREDECESSOR = "predecessor"
"""The name of the stream's descriptor."""

READY = b"ready\n"

LEGACY = 64
"""Most bytes that may wait for a successor."""

#: Between the fork and the program: gives descriptors the numbers from 3 on, and says that they are for this process.
BRIDGE = """
import fcntl, os, sys
names, numbers, *command = sys.argv[1:]
numbers = [int(number) for number in numbers.split(",")]
high = [fcntl.fcntl(number, fcntl.F_DUPFD, 64) for number in numbers]
for number in numbers:
    os.close(number)
for place, number in enumerate(high, 3):
    os.dup2(number, place)
    os.close(number)
pid = str(os.getpid())
os.environ.update(LISTEN_FDS=str(len(high)), LISTEN_PID=pid, LISTEN_FDNAMES=names)
if "WATCHDOG_PID" in os.environ:
    os.environ["WATCHDOG_PID"] = pid
os.execvp(command[0], command)
"""


class SuccessorError(Exception):
    """No successor came up."""


@implementer(IReadDescriptor)
class Link:
    """One end of the stream between two processes. States: open, closed.

    :param said: called with what the other end says; with nothing when it is gone, the last time.
    """

    def __init__(self, reactor: Any, sock: socket.socket, said: Callable[[bytes], None]) -> None:
        sock.setblocking(False)
        self._reactor = reactor
        self._sock = sock
        self._said = said
        reactor.addReader(self)

    def __repr__(self) -> str:
        return f"<Link {'closed' if self._sock.fileno() < 0 else 'open'}>"

    def fileno(self) -> int:
        """The descriptor's number; -1 once it is closed."""
        return self._sock.fileno()

    def doRead(self) -> None:
        """Take what the other end says."""
        try:
            data = self._sock.recv(LEGACY)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
        self._said(data)

    def say(self, data: bytes) -> None:
        """Say a few bytes; to nobody, if the other end is gone."""
        try:
            self._sock.send(data)
        except OSError:
            pass

    def close(self) -> None:
        """Let the other end see that we are done."""
        if self._sock.fileno() >= 0:
            self._reactor.removeReader(self)
            self._sock.close()

    def connectionLost(self, reason: Failure) -> None:
        """Do nothing: the reactor ends, and so do we."""

    def logPrefix(self) -> str:
        """Return what log lines about this begin with."""
        return "succession"


def legacy_in(predecessor: socket.socket | None) -> bytes:
    """Read what the process before us has left for us to know; empty, if there was none or it left nothing."""
    if predecessor is None:
        return b""
    try:
        return predecessor.recv(LEGACY, socket.MSG_DONTWAIT)
    except OSError:
        return b""


class Successor:
    """A process that is to take our place. States: starting, ready, failed.

    :param command: the program and its words.
    :param handed: the sockets that it is to serve, with their names; they stay ours, too.
    :param environ: its variables.
    :param stdin: what it reads from standard input, at most a few KiB; empty: it has ours.
    :param legacy: what waits for it on the stream, at most 64 bytes.
    :param within: seconds that it has to come up.
    :ivar ready: fires when it serves, or fails with :class:`SuccessorError`.
    :raises SuccessorError: it cannot be started at all.
    """

    def __init__(
        self,
        reactor: Any,
        command: Sequence[str],
        handed: Sequence[Inherited],
        environ: Mapping[str, str],
        *,
        stdin: bytes = b"",
        legacy: bytes = b"",
        within: float,
    ) -> None:
        self.ready: Deferred[None] = Deferred()
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = _start(command, [*handed, Inherited(PREDECESSOR, theirs)], environ, stdin)
        except OSError as error:
            ours.close()
            raise SuccessorError(f"{command[0]} cannot be started: {error.strerror}") from error
        self._link = Link(reactor, ours, self._heard)
        self._link.say(legacy)
        self._late = reactor.callLater(within, self._failed, f"it was not up within {within:g} s")

    def __repr__(self) -> str:
        return f"<Successor {self.pid}>"

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def release(self) -> None:
        """Let it speak for the service from here on."""
        self._link.close()

    def give_up(self) -> None:
        """End it, unless it serves already: nobody is to take our place after all."""
        if self._late.active():
            self._late.cancel()
            self._failed("it is not wanted any more")

    def _heard(self, data: bytes) -> None:
        if not self._late.active():
            return
        if data.startswith(READY):
            self._late.cancel()
            self.ready.callback(None)
        elif not data:
            self._late.cancel()
            self._failed("it ended before it served; its own words are above")

    def _failed(self, why: str) -> None:
        self._link.close()
        self._process.kill()
        self._process.wait()  # killed, so this is a matter of microseconds
        self.ready.errback(SuccessorError(why))


def _start(
    command: Sequence[str], handed: Sequence[Inherited], environ: Mapping[str, str], stdin: bytes
) -> subprocess.Popen[bytes]:
    """Start a process with sockets."""
    numbers = [one.sock.fileno() for one in handed]
    names = ":".join(one.name for one in handed)
    bridge = [sys.executable, "-I", "-S", "-c", BRIDGE, names, ",".join(map(str, numbers))]
    process = subprocess.Popen(  # noqa: S603 - our own command
        [*bridge, *command], env=dict(environ), pass_fds=numbers, stdin=subprocess.PIPE if stdin else None
    )
    if process.stdin is not None:
        process.stdin.write(stdin)  # a pipe takes it at once
        process.stdin.close()
    return process
