"""A finding: what was seen, whether it is a problem, and what mends it.

Rule of this file: values; a problem without a mend is not worth telling.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Level: TypeAlias = Literal["good", "note", "problem"]


class Finding(NamedTuple):
    """One thing that was looked at.

    :ivar about: one word: ``service``, ``host``, ``port``.
    :ivar level: ``problem`` keeps users out; ``note`` may surprise; ``good`` is as it should be.
    :ivar seen: what was seen, in a sentence.
    :ivar mend: the exact command or setting that helps; empty when nothing needs help.
    """

    about: str
    level: Level
    seen: str
    mend: str = ""


def good(about: str, seen: str) -> Finding:
    """All is well with it."""
    return Finding(about, "good", seen)


def note(about: str, seen: str, mend: str = "") -> Finding:
    """It may surprise."""
    return Finding(about, "note", seen, mend)


def problem(about: str, seen: str, mend: str) -> Finding:
    """It keeps users out, or lets strangers in."""
    return Finding(about, "problem", seen, mend)
