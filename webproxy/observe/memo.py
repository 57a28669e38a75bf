"""Remembering how a value is written, so that a value seen again costs one look-up.

Rule of this file: bounded in entries and in what an entry holds. Only values that are no secret may be given to a memo:
addresses, names, User-Agent; never a target, a Referer or any other field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

ENTRIES = 2048
LONGEST = 512


class Memo(dict[Value, str]):
    """A dictionary that writes what it does not hold; emptied when full.

    A subclass of dict because ``memo[value]`` then stays in C for a known value: 25 ns, a method call 60.

    :param write: value -> its text, a pure function.
    :param entries: how many texts are remembered.
    :param longest: a text of more characters is not remembered.
    """

    def __init__(self, write: Callable[[Value], str], *, entries: int = ENTRIES, longest: int = LONGEST) -> None:
        super().__init__()
        self._write = write
        self._entries = entries
        self._longest = longest

    def __missing__(self, value: Value) -> str:
        text = self._write(value)
        if len(text) <= self._longest:
            if len(self) >= self._entries:
                self.clear()
            self[value] = text
        return text
