"""Which version of webproxy this is, and whether its road of a request is compiled.

Rule of this file: the installed distribution knows; nobody writes the number down a second time.
"""

from __future__ import annotations

import importlib
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Installation(NamedTuple):
    """What is installed at a moment; another value means that something else was installed over it.

    :ivar version: of the distribution.
    :ivar mark: of the package's first file: a package manager replaces files, and never writes into them.
    """

    version: str
    mark: tuple[int, int]


def version() -> str:
    """Give the version of the installed distribution; ``unknown`` when run from a source tree that is not installed."""
    try:
        return metadata.version("webproxy")
    except metadata.PackageNotFoundError:
        return "unknown"


def compiled() -> bool:
    """Tell whether the road of a request is compiled here, as wheels have it, without importing any of it."""
    found = find_spec("webproxy.message.parser")
    return found is not None and (found.origin or "").endswith(tuple(EXTENSION_SUFFIXES))


def described() -> str:
    """Give the version for a bug report: ``0.1.0 (compiled)``."""
    return f"{version()} ({'compiled' if compiled() else 'not compiled'})"


def installation(package: Path = Path(__file__).parent) -> Installation:
    """Look at what is installed now, whatever runs.

    :param package: the folder of ours.
    """
    importlib.invalidate_caches()
    try:
        status = (package / "__init__.py").stat()
    except OSError:  # it is being replaced, or another Python has it now
        return Installation(version(), (0, 0))
    return Installation(version(), (status.st_ino, status.st_mtime_ns))
