"""The folder of what the router must not forget, and who uses it.

Rule of this file: one router a folder, shown by a lock that the kernel lets go of whatever becomes of the process. The
commands beside it need no lock: the store is made for several.
"""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

from webproxy.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path

STORE, LOCK = "router.db", "router.lock"


class Hold:
    """A router's hold on its folder. States: held, let go.

    :param folder: made if it is not there.
    :raises StartError: it cannot be used, or another router uses it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StartError(
                f"the folder {folder} cannot be used: {error.strerror}", "choose another with --state"
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            told = _read(self._fd)
            os.close(self._fd)
            by = f" (pid {told['pid']})" if "pid" in told else ""
            raise StartError(f"another router{by} uses {folder}", "stop that, or choose another with --state") from None

    def __repr__(self) -> str:
        return f"<Hold on {self.path.parent}>"

    def tell(self, **what: Any) -> None:
        """Write down who holds it, for whoever asks."""
        os.truncate(self._fd, 0)
        os.pwrite(self._fd, json.dumps(what).encode(), 0)

    def let_go(self) -> None:
        """Let others have it."""
        os.truncate(self._fd, 0)
        os.close(self._fd)


def running(folder: Path) -> dict[str, Any] | None:
    """Give what the router that holds a folder has told; ``None`` when there is none.

    :raises OSError: we may not look.
    """
    try:
        fd = os.open(folder / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(fd)
    else:
        return None
    finally:
        os.close(fd)


def _read(fd: int) -> dict[str, Any]:
    try:
        told = json.loads(os.pread(fd, 65536, 0))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
