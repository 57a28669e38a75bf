"""The line in front of the verification of passwords: who is next, and who finds no room.

Verifying takes a processor for a twentieth of a second and more, so a few strangers could keep it busy for ever. Rule
of this file: addresses without a failure come before all others, and among them those that have shown up last: who
came to guess has been here longer than the owner, who comes now. Who is turned away and comes again has been here
before. The others follow by the number of their failures, each in its turn. One at a time per address. Pure.
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


REMEMBERED = 16384
"""Addresses of which it is remembered when they showed up: 2 MiB."""


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
        self._shown: dict[str, int] = {}
        self._count = 0

    def __repr__(self) -> str:
        return f"<Line waiting={len(self._waiting)} served={len(self._served)}>"

    def __len__(self) -> int:
        return len(self._waiting)

    def __iter__(self) -> Iterator[T]:
        """Look at those who wait."""
        return iter(self._waiting)

    def join(self, one: T) -> T | None:
        """Let ``one`` wait.

        :returns: who finds no room for it: the last of those who failed most, or, where nobody has, of those whose
            address has been here longest; perhaps ``one`` itself. None: there is room.
        """
        self._show_up(one.place)
        self._waiting.append(one)
        if len(self._waiting) <= self._most:
            return None
        _, _, index = max((*self._rank(other.place), index) for index, other in enumerate(self._waiting))
        return self._waiting.pop(index)

    def leave(self, one: T) -> None:
        """Let ``one`` go, if it still waits."""
        if one in self._waiting:
            self._waiting.remove(one)

    def serve(self) -> T | None:
        """Take who is next, and keep others of the same address waiting until it is :meth:`served`."""
        ranks = [
            (*self._rank(one.place), index) for index, one in enumerate(self._waiting) if one.place not in self._served
        ]
        if not ranks:
            return None
        one = self._waiting.pop(min(ranks)[2])
        self._served.add(one.place)
        return one

    def served(self, one: T) -> None:
        """It is no longer the turn of ``one``; its address shows up anew when it comes again."""
        self._served.discard(one.place)
        self._shown.pop(one.place, None)

    def _show_up(self, place: str) -> None:
        """Remember in which order addresses came."""
        if place in self._shown:
            return
        if len(self._shown) >= REMEMBERED:
            del self._shown[next(iter(self._shown))]
        self._count += 1
        self._shown[place] = self._count

    def _rank(self, place: str) -> tuple[int, int]:
        """Give how far back an address stands."""
        failures = self._failures(place)
        return failures, 0 if failures else -self._shown.get(place, 0)
