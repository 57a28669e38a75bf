"""Idle limits by name, as ``--timeout default=60s`` or ``name=duration,name=duration``.

Rule of this file: text -> seconds by class of traffic; which classes exist is said here and nowhere else.
"""

from __future__ import annotations

from webproxy.policy.setting import limit
from webproxy.settings.wrong import TextError, near_miss

#: The classes of traffic whose idle limit may be set, each with its limit as it would be written.
CLASSES = {"default": "60s"}


def timeouts(text: str) -> dict[str, float]:
    """Read idle limits.

    :returns: seconds by class, ``math.inf`` for no limit; only the classes that the text names.
    :raises TextError: not ``name=duration,...``, an unknown or repeated name, or a limit of nothing.
    """
    limits: dict[str, float] = {}
    for item in text.split(","):
        name, equals, written = (part.strip() for part in item.partition("="))
        if not equals:
            raise TextError(f"{item!r} names no class", f"write name=duration, as in default={item.strip() or '60s'}")
        if name not in CLASSES:
            raise TextError(f"there is no class {name!r}", _which(name))
        if name in limits:
            raise TextError(f"{name} is given twice", "give each class once")
        limits[name] = _positive(name, written)
    return limits


def _positive(name: str, written: str) -> float:
    """Read the limit of one class, which may not be 0: it would cut every exchange at once."""
    try:
        seconds = limit(written)
    except TextError as wrong:
        raise TextError(f"{name}={written}: {wrong.what}", wrong.right) from None
    if seconds == 0:
        raise TextError(f"{name}={written} would cut every exchange at once", "give a duration, or none for no limit")
    return seconds


def _which(name: str) -> str:
    """Say which classes there are, and which of them was probably meant."""
    meant = near_miss(name, CLASSES)
    known = "the classes are: " + ", ".join(CLASSES)
    return f"did you mean {meant}? {known}" if meant else known
