"""Files that are written anew as a whole: users, keys.

Rule of this file: a reader sees the old file or the new one and never a part, two writers come one after the other,
and owner, group and mode stay what they were. A secret that everybody may read for a moment is none any more, so a new
file is closed from the beginning.
"""

from __future__ import annotations

import fcntl
import grp
import os
import stat
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import SettingsError
from webproxy.settings.places import MACHINE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GROUP = "webproxy"
"""The group of the service, which reads what root writes under /etc/webproxy."""


class Ownership(NamedTuple):
    """Whose a file is.

    :ivar user: a number; -1: of whoever writes it.
    :ivar group: likewise.
    :ivar mode: permissions.
    """

    user: int
    group: int
    mode: int


def rewrite(file: Path, change: Callable[[bytes], bytes]) -> None:
    """Write a file anew.

    :param file: its path; behind a symbolic link the file that it leads to.
    :param change: content -> new content; empty content for a file that is not there.
    :raises SettingsError: it cannot be read or written, or not as what it was; what ``change`` raises.
    """
    path = file.resolve()
    try:
        with _locked(path.parent):
            before, ownership = _read(path)
            _replace(path, change(before), ownership)
    except PermissionError as error:
        raise SettingsError(str(file), f"cannot be written: {error.strerror}", _who_may(path)) from None
    except FileNotFoundError:
        raise SettingsError(str(file), f"the folder {path.parent} does not exist", "create it") from None
    except OSError as error:
        raise SettingsError(str(file), f"cannot be written: {error.strerror}", "give another file") from None


def read_whole(file: Path) -> bytes:
    """Read a file.

    :raises SettingsError: it cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(str(file), f"cannot be read: {error.strerror}", "give a file that you may read") from None


def ownership_at_birth(path: Path, machine: Path = MACHINE) -> Ownership:
    """Say whose a new file is: of the service's group under /etc/webproxy, of nobody but its writer elsewhere.

    :param machine: the folder of the machine's settings.
    """
    if os.geteuid() == 0 and machine.resolve() in path.parents:
        with suppress(KeyError):
            return Ownership(0, grp.getgrnam(GROUP).gr_gid, 0o640)
    return Ownership(-1, -1, 0o600)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until nobody else of us writes in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _read(path: Path) -> tuple[bytes, Ownership]:
    """Read what is there, and whose it is."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return b"", ownership_at_birth(path)
    if not stat.S_ISREG(seen.st_mode):
        raise SettingsError(str(path), "is not a file", "give a file")
    return path.read_bytes(), Ownership(seen.st_uid, seen.st_gid, stat.S_IMODE(seen.st_mode))


def _replace(path: Path, content: bytes, ownership: Ownership) -> None:
    """Put a file with this content in the place of ``path``, in one step that a loss of power does not undo."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fchown(descriptor, ownership.user, ownership.group)
            os.fchmod(descriptor, ownership.mode)  # last: to change the owner takes bits away
            os.fsync(descriptor)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _who_may(path: Path) -> str:
    """Say who could write a file as what it is."""
    try:
        owner = path.owner()
    except (OSError, KeyError):
        return "try it as root"
    return f"try it as {owner}" if owner == "root" else f"try it as {owner}, whose it is, or as root"
