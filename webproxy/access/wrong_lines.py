"""What is wrong with the lines of a file of credentials, before anybody knows where the file lies.

Rule of this file: each line with its number and what would be right, all of them in one go; never what a line holds
beyond a name, for the rest of it is a secret or may be one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import WebproxyError

if TYPE_CHECKING:
    from collections.abc import Iterable


class WrongLine(NamedTuple):
    """A line that cannot be used.

    :ivar number: of the line, from 1.
    :ivar what: what is wrong with it.
    :ivar right: what would be right.
    """

    number: int
    what: str
    right: str


class WrongLinesError(WebproxyError):
    """Lines of a file cannot be used.

    :param wrong: each of them.
    """

    def __init__(self, wrong: Iterable[WrongLine]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(*self.wrong)

    def __str__(self) -> str:
        return "\n".join(f"line {line.number}: {line.what}; {line.right}" for line in self.wrong)
