"""The line: who waits, and whose turn it is.

Rule of this file: in each round, everybody who waits has one turn, in the order in which they came; among the requests
of one, the first that came is the first that goes. Nothing here knows what a request is, or a clock.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Generic, TypeVar

Waiter = TypeVar("Waiter")


class Line(Generic[Waiter]):
    """A line in which principals take turns: users, or addresses. Joining costs a step for each of them, at most."""

    def __init__(self) -> None:
        # Whose turn it is stands in front; who had one and still waits goes to the end.
        self._rounds: OrderedDict[str, OrderedDict[Waiter, None]] = OrderedDict()
        self._length = 0

    def __repr__(self) -> str:
        return f"<Line of {self._length} from {len(self._rounds)}>"

    def __len__(self) -> int:
        """Tell how many wait."""
        return self._length

    def join(self, principal: str, waiter: Waiter) -> int:
        """Let somebody wait.

        :param principal: whose turn it will be.
        :returns: the place: 1 for who goes next, if nobody else comes or leaves.
        """
        place = 1 + self._ahead_of_another(principal)
        self._rounds.setdefault(principal, OrderedDict())[waiter] = None
        self._length += 1
        return place

    def take(self) -> Waiter:
        """Take out whose turn it is.

        :raises StopIteration: nobody waits.
        """
        principal, own = next(iter(self._rounds.items()))
        waiter, _ = own.popitem(last=False)
        self._length -= 1
        if own:
            self._rounds.move_to_end(principal)
        else:
            del self._rounds[principal]
        return waiter

    def leave(self, principal: str, waiter: Waiter) -> None:
        """Take out somebody who does not wait any longer.

        :raises KeyError: nobody like that waits.
        """
        own = self._rounds[principal]
        del own[waiter]
        self._length -= 1
        if not own:
            del self._rounds[principal]

    def last_to_spare(self, principal: str) -> tuple[str, Waiter] | None:
        """Say who should make room for ``principal``, so that nobody fills the line alone.

        :returns: the last one of those who have the most in line; ``None`` when afterwards they would have less.
        """
        if not self._rounds:
            return None
        longest = max(self._rounds, key=lambda one: len(self._rounds[one]))
        own = self._rounds.get(principal, ())
        if len(self._rounds[longest]) < len(own) + 2:
            return None
        return longest, next(reversed(self._rounds[longest]))

    def _ahead_of_another(self, principal: str) -> int:
        """Count the turns before that of one more of ``principal``: it is the turn after all of its own."""
        own = len(self._rounds.get(principal, ()))
        ahead, earlier_in_round = own, 1
        for other, waiting in self._rounds.items():
            if other == principal:
                earlier_in_round = 0
            else:
                ahead += min(len(waiting), own + earlier_in_round)
        return ahead
