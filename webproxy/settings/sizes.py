"""Sizes and rates: ``--max-body 10MB``, ``--min-upload-rate 10kB/s``.

Rule of this file: text -> bytes, or bytes a second. Units are written out, as durations are: half of the world's
settings mean 1,000,000 by an M, the other half 1,048,576.
"""

from __future__ import annotations

import math
import re

from webproxy.settings.wrong import TextError

#: Bytes in each unit that may be written (IEC 80000-13).
UNITS = {"B": 1}
UNITS |= {"kB": 1000, "MB": 1000**2, "GB": 1000**3, "TB": 1000**4}
UNITS |= {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}

#: The same in lower case, for what people write.
_AS_MEANT = {unit.lower(): unit for unit in UNITS}

_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,3})?) ?([A-Za-z]*)")


def size_limit(text: str) -> float:
    """Read the largest size of something, or ``none`` for no limit.

    :returns: bytes, at least 1; ``math.inf`` for ``none``.
    :raises TextError: not a size, one without a unit, or 0.
    """
    if text == "none":
        return math.inf
    size = _size(text, "write a number with its unit, as in 10MB or 2GiB, or none for no limit")
    if size < 1:
        raise TextError(f"{text} would let nothing pass", "give a size, or none for no limit")
    return size


def rate(text: str) -> float:
    """Read a least rate, or ``none`` for no demand.

    :returns: bytes a second; 0 for ``none``.
    :raises TextError: not a rate.
    """
    if text == "none":
        return 0.0
    right = "write bytes a second, as in 10kB/s, or none for no demand"
    size, slash, second = text.partition("/")
    if not slash and _SIZE.fullmatch(text):
        raise TextError(f"{text!r} is no rate", f"write {text}/s" if text[-1:] in "Bb" else right)
    if second != "s":
        raise TextError(f"{text!r} is not a rate", right)
    return _size(size, right)


def _size(text: str, right: str) -> float:
    """Read a number with its unit; case is forgiven, for no two units differ by it."""
    written = _SIZE.fullmatch(text)
    if not written:
        raise TextError(f"{text!r} is not a size", right)
    number, unit = written.groups()
    if not unit:
        raise TextError(f"{text!r} has no unit", f"{number}MB are {number} million bytes; {right}")
    known = _AS_MEANT.get(unit.lower())
    if known is None:
        raise TextError(f"{unit!r} is not a unit", _which(number, unit))
    return float(number) * UNITS[known]


def _which(number: str, unit: str) -> str:
    """Say which units there are; for nginx's ``10m``, both that it may stand for."""
    meant = [known for known in UNITS if known.lower() in (f"{unit.lower()}b", f"{unit.lower()}ib")]
    if meant:
        return "write " + " or ".join(f"{number}{known}" for known in meant)
    return "the units are " + ", ".join(UNITS)
