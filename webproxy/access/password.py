"""Which passwords can be set.

Rule of this file: what bcrypt and Basic can carry, and no opinion about what a good password is.
"""

from __future__ import annotations

import re

LONGEST = 72
"""Bytes of a password that bcrypt looks at; what comes after would not count."""

_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")


def wrong_password(password: bytes) -> str | None:
    """Say what keeps ``password`` from being one; None if nothing does."""
    if not password:
        return "is empty"
    if _CONTROL.search(password):  # RFC 7617 §2: no control characters
        return "contains a control character, which no client can send"
    if len(password) > LONGEST:
        return f"has {len(password)} bytes, and bcrypt looks at the first {LONGEST} only"
    return None
