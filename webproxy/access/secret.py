"""A secret that is held: bytes to whoever sends or verifies them, nothing to whoever looks.

Rule of this file: whatever prints, logs or formats a secret gets a word instead, so that no settings value, traceback
or log line shows one by accident.
"""

from __future__ import annotations


class Secret(bytes):
    """Bytes that show nothing of themselves."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(...)"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, spec: str) -> str:
        return repr(self)


NOTHING = Secret()
"""No secret at all."""
