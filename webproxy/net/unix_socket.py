"""A Unix socket whose name passes from one process to the next without a moment in which nobody answers.

Rule of this file: each process listens under a name of its own, and the name that clients know is a symbolic link,
replaced in one step. So the process that follows on an upgrade takes over while the one before still drains, and that
one, when it ends, removes only what is its own. Who may connect is decided by the file's mode (unix(7)).
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twisted.internet.error import CannotListenError
from twisted.internet.tcp import Port

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.internet.interfaces import IProtocolFactory
    from twisted.python.failure import Failure

MODE = 0o660


class UnixSocket:
    """A socket that listens. States: listening, stopped.

    :param name: the path that clients know.
    :raises OSError: it cannot be made there.
    """

    def __init__(self, reactor: Any, name: str, factory: IProtocolFactory) -> None:
        self.name = Path(name)
        self._own = self.name.with_name(f"{self.name.name}.{os.getpid()}")
        self.name.parent.stat()  # where it cannot bind, Twisted leaves its socket to the garbage collector
        _clear(self.name)
        self._own.unlink(missing_ok=True)
        before = os.umask(0o777)  # nobody connects before its mode is right
        try:
            self._port = reactor.listenUNIX(str(self._own), factory, mode=MODE)
        except CannotListenError as error:
            raise error.socketError from error
        finally:
            os.umask(before)
        link = self._own.with_suffix(f"{self._own.suffix}.link")
        link.unlink(missing_ok=True)
        link.symlink_to(self._own.name)
        link.rename(self.name)

    def __repr__(self) -> str:
        return f"<UnixSocket {self.name}>"

    def stop(self) -> Deferred[None] | None:
        """Listen no more, and remove the name unless another process has it by now."""
        with contextlib.suppress(OSError):
            if self.name.readlink() == Path(self._own.name):
                self.name.unlink()
        stopped: Deferred[None] | None = self._port.stopListening()
        return stopped.addErrback(self._finish) if stopped is not None else None

    def _finish(self, failure: Failure) -> None:
        """Go on where Twisted stops half-way, because somebody else has removed the file (tmpfiles.d(5), perhaps)."""
        failure.trap(FileNotFoundError)
        Port.connectionLost(self._port, failure)


def _clear(name: Path) -> None:
    """Remove what a process that was killed has left behind.

    :raises OSError: what has the name is no socket.
    """
    if name.exists() and not name.is_socket():
        raise FileExistsError(17, "a file that is no socket has this name")
    if not name.is_symlink():
        name.unlink(missing_ok=True)
        return
    left = name.with_name(str(name.readlink()))
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(str(left))
    except OSError:
        left.unlink(missing_ok=True)
