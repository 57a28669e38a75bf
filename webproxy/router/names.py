"""Public names: ``myapp123-husky-delta``.

Rule of this file: pure; which labels may be chosen (RFC 1035 §2.3.1, RFC 5890 §2.3.1), and what is made of them. Whose
a name is, the registry knows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from webproxy.router.words import ANIMALS, GREEK, RESERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LONGEST = 63
"""Characters of a label (RFC 1035 §2.3.4)."""

LONGEST_CHOSEN = LONGEST - max(map(len, ANIMALS)) - max(map(len, GREEK)) - 2

_CHOSEN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_UNMISTAKABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without i, l, o, 0 and 1, which are taken for one another."""


class Chance(Protocol):
    """Whoever chooses: ``random.SystemRandom``, or a test."""

    def choice(self, of: Sequence[str], /) -> str:
        """Choose one."""


class BadLabel(ValueError):  # noqa: N818 - it says what is bad
    """A label cannot be had; the message says why, in a sentence."""


def checked(label: str) -> str:
    """Check a label that somebody chose.

    :returns: in lower case: names are compared without case (RFC 4343).
    :raises BadLabel: it cannot be part of a name.
    """
    label = label.lower()
    if not _CHOSEN.fullmatch(label):
        raise BadLabel(f"{label!r} is no label: letters, digits and hyphens, none of these at an end")
    if len(label) > LONGEST_CHOSEN:
        raise BadLabel(f"{label!r} is too long: at most {LONGEST_CHOSEN} characters")
    if label[2:4] == "--":  # RFC 5891 §4.2.3.1: reserved for names in other scripts
        raise BadLabel(f"{label!r} has two hyphens where names in other scripts have them")
    if label in RESERVED or label.split("-")[0] in RESERVED:
        raise BadLabel(f"{label!r} is reserved: it could be taken for somebody else's")
    return label


def made(chance: Chance) -> str:
    """Make a label for who has chosen none: a letter first, so that it is never taken for a number."""
    return chance.choice(_UNMISTAKABLE[:23]) + "".join(chance.choice(_UNMISTAKABLE) for _ in range(5))


def propose(label: str, taken: Callable[[str], bool], chance: Chance, attempts: int = 64) -> str:
    """Make a name that nobody has.

    :param label: checked or made.
    :param taken: whether a name is somebody's.
    :raises BadLabel: none was found: nearly all names with this label are taken.
    """
    for _ in range(attempts):
        name = f"{label}-{chance.choice(ANIMALS)}-{chance.choice(GREEK)}"
        if not taken(name):
            return name
    raise BadLabel(f"nearly all names with {label!r} are taken; choose another label")
