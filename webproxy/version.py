"""Which version of webproxy this is.

Rule of this file: the installed distribution knows; nobody writes the number down a second time.
"""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """Give the version of the installed distribution; ``unknown`` when run from a source tree that is not installed."""
    try:
        return metadata.version("webproxy")
    except metadata.PackageNotFoundError:
        return "unknown"
