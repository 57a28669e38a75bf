"""What is wrong with a text, before anybody knows where the text came from.

Rule of this file: a parser reads a text without its address and raises TextError, as the settings of policies do; who
holds the address (an option, a variable, a key of a file) turns it into a SettingsError.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from webproxy.policy.setting import TextError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["TextError", "near_miss"]


def near_miss(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that ``word`` was probably meant to be, None if it resembles none."""
    return next(iter(get_close_matches(word, list(known), n=1, cutoff=0.6)), None)
