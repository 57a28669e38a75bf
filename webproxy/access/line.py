"""The line in front of the verification of passwords: who is next, and who finds no room.

Verifying takes a processor for a twentieth of a second and more, so a few strangers could keep it busy for ever. Rule
of this file: addresses without a failure come before all others, and among them the latest first: who came to guess
has been here longer than the owner, who comes now. The others follow by the number of their failures, each in its
turn. One at a time per address. Pure.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Standing(Protocol):
    """Whatever stands in a line.

    :ivar place: what counts as its address.
    """

    @property
    def place(self) -> str: ...  # noqa: D102


T = TypeVar("T", bound=Standing)


class Line(Generic[T]):
    """Those who wait, and the addresses whose turn it is.

    :param most: how many may wait.
    :param failures: gives how often an address has failed.
    """

    def __init__(self, most: int, failures: Callable[[str], int]) -> None:
        self._most = most
        self._failures = failures
        self._waiting: list[T] = []
        self._served: set[str] = set()

    def __repr__(self) -> str:
        return f"<Line waiting={len(self._waiting)} served={len(self._served)}>"

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[T]:
        """Look at those who wait."""
        return iter(self._waiting)

    def join(self, one: T) -> T | None:
        """Let ``one`` wait.

        :returns: who finds no room for it: the last of those with failures, or ``one`` itself; ``None``: there is room.
        """
        self._waiting.append(one)
        if len(self._waiting) <= self._most:
            return None
        failed = [(self._failures(other.place), index) for index, other in enumerate(self._waiting)]
        worst, index = max(failed)
        return self._waiting.pop(index if worst else -1)

    def leave(self, one: T) -> None:
        """Let ``one`` go, if it still waits."""
        if one in self._waiting:
            self._waiting.remove(one)

    def serve(self) -> T | None:
        """Take who is next, and keep others of the same address waiting until it is :meth:`served`."""
        best = None
        for index, one in enumerate(self._waiting):
            if one.place in self._served:
                continue
            failures = self._failures(one.place)
            rank = (failures, index if failures else -index)
            if best is None or rank < best[0]:
                best = (rank, index)
        if best is None:
            return None
        one = self._waiting.pop(best[1])
        self._served.add(one.place)
        return one

    def served(self, one: T) -> None:
        """It is no longer the turn of ``one``."""
        self._served.discard(one.place)
