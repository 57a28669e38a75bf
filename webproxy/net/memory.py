"""Memory that is free, and that the C library keeps.

Rule of this file: one question to glibc, malloc_trim(3); elsewhere nothing happens.

Each TLS connection takes and frees some dozens of blocks of OpenSSL's, among them what others still need. glibc gives
pages back from the end of its heap only: 50,000 connections of strangers, most of whose handshakes came to nothing,
left 110 MiB of free memory with the process, and more came with more. With a look all over the heap now and then it
was three.
"""

from __future__ import annotations

import ctypes
from typing import Any

EACH = 500
"""Connections after which it is worth a look, which takes some milliseconds: they leave a dozen MiB at most."""


def _of_libc() -> Any:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # pragma: no cover - not glibc
        return None


_trim = _of_libc()


class Heap:
    """Remembers when free memory was last given back."""

    def __init__(self) -> None:
        self._last = self._before = 0

    def __repr__(self) -> str:
        return f"<Heap given back after {self._last}>"

    def look(self, ended: int) -> bool:
        """Give free memory back, if many connections have ended since the last time, or some, and now all is quiet.

        :param ended: how many have, ever.
        :returns: whether it was worth it.
        """
        quiet, self._before = ended == self._before, ended
        if ended - self._last < (1 if quiet else EACH):
            return False
        self._last = ended
        if _trim is not None:
            _trim(0)
        return True
