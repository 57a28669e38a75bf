"""The folder of certificates: what is in which file, written so that nothing is ever half there.

Rule of this file: a file is whole or not there at all (temporary, fsync, rename, fsync of the folder), readable for its
owner alone, and bounded; what cannot be read is moved aside and named in the log, once, and nothing else stops for it.
One file holds a certificate with its chain and its key, so that there is no moment with one of them alone.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

log = Logger()

LARGEST = 262144
"""Bytes of a file."""
CERTIFICATE, NOTE, ORDER, DAMAGED = ".pem", ".json", ".order", ".damaged"
_UNFINISHED = ".unfinished"
_LOCK = "order.lock"


class Folder:
    """Where certificates are kept.

    :param path: made when it is needed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def __repr__(self) -> str:
        return f"<Folder {self.path}>"

    def prepare(self) -> None:
        """Make the folder, and take away what was never finished.

        :raises OSError: it cannot be used.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self.path.glob(f"*{_UNFINISHED}"):
            left.unlink(missing_ok=True)

    def file(self, name: str, kind: str) -> Path:
        """Give the file of a name; ``*.example.com`` has no star in it."""
        return self.path / f"{name.replace('*', '_', 1)}{kind}"

    def names(self) -> list[str]:
        """Give the names that there are certificates of."""
        found = (path.name.removesuffix(CERTIFICATE) for path in self.path.glob(f"*{CERTIFICATE}"))
        return sorted(f"*{name[1:]}" if name.startswith("_.") else name for name in found)

    def read(self, name: str, kind: str) -> bytes | None:
        """Read a file; ``None`` when there is none, or none that can be read, which the log tells."""
        path = self.file(name, kind)
        try:
            with path.open("rb") as opened:
                data = opened.read(LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.damaged(path, error.strerror or str(error))
            return None
        if len(data) > LARGEST:
            self.damaged(path, f"it is larger than {LARGEST} bytes")
            return None
        return data

    def write(self, name: str, kind: str, data: bytes) -> None:
        """Write a file; it is on disk when this returns.

        :raises OSError: it cannot be; what was there before is there still.
        """
        path = self.file(name, kind)
        unfinished = path.with_name(path.name + _UNFINISHED)
        fd = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with open(fd, "wb") as opened:  # noqa: PTH123 - a descriptor
                os.fchmod(fd, 0o600)
                opened.write(data)
                opened.flush()
                os.fsync(fd)
            unfinished.replace(path)
        except OSError:
            with contextlib.suppress(OSError):
                unfinished.unlink()
            raise
        self._sync()

    def remove(self, name: str, kind: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(OSError):
            self.file(name, kind).unlink()
            self._sync()

    def damaged(self, path: Path, why: str) -> None:
        """Move a file aside that cannot be used, and say so."""
        aside = path.with_name(path.name + DAMAGED)
        try:
            path.replace(aside)
        except OSError as error:
            aside = path
            why = f"{why}, and it cannot be moved: {error.strerror}"
        log.error(
            "{file} cannot be used: {why}; it lies in {aside} now, and another takes its place",
            file=str(path),
            why=why,
            aside=str(aside),
            kind="certificate-damaged",
        )

    @contextlib.contextmanager
    def locked(self) -> Iterator[bool]:
        """Hold the lock of orders, which the kernel takes back whatever becomes of the process; whether it is ours."""
        fd = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(fd)

    def _sync(self) -> None:
        """Have the names in the folder on disk, too."""
        fd = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
