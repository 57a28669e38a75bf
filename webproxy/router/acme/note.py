"""What is known of a certificate beside itself: when it is to be renewed, and how attempts went.

Rule of this file: a frozen value and its JSON, read with care, as a file may be damaged; times are seconds since the
epoch.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Note:
    """What outlives the process.

    :param serial: of the certificate that this is about, in hexadecimal; empty for none.
    :param directory: of the authority that gave it; empty when that is not known.
    :param fingerprint: of the settings when the last attempt was made.
    :param failures: attempts in a row that failed.
    :param next_try: when the back-off ends; ``None`` for none.
    :param hold: until when the authority wants to be left alone, and by its own word; ``None``: it wants nothing.
    :param why: what the last failure was.
    :param start: of the window that the authority named for renewal; ``None`` for none.
    :param end: of it.
    :param chosen: the moment in it.
    :param ask_at: when to ask for the window again; ``None`` when there is nobody to ask.
    """

    serial: str = ""
    directory: str = ""
    fingerprint: str = ""
    failures: int = 0
    next_try: float | None = None
    hold: float | None = None
    why: str = ""
    start: float | None = None
    end: float | None = None
    chosen: float | None = None
    ask_at: float | None = None

    def written(self) -> bytes:
        """Write it as JSON."""
        return json.dumps(asdict(self)).encode()


def read(data: bytes) -> Note:
    """Read one.

    :raises ValueError: it is none.
    """
    said = json.loads(data)
    if not isinstance(said, dict):
        raise ValueError("it is none")  # noqa: TRY004 - whatever is wrong with a file is one error
    blank = Note()
    found = {}
    for field in fields(Note):
        value = said.get(field.name, getattr(blank, field.name))
        if not _fits(field.name, value):
            raise ValueError(f"{field.name} makes no sense")
        found[field.name] = value
    return Note(**found)


def _fits(name: str, value: Any) -> bool:
    if name in ("serial", "directory", "fingerprint", "why"):
        return isinstance(value, str)
    if name == "failures":
        return type(value) is int and value >= 0
    return value is None or (type(value) in (int, float) and math.isfinite(value))
