"""What has gone through the router: handshakes, refusals, and for each name its connections and bytes.

Rule of this file: plain numbers, counted where something begins or ends, never where bytes flow; what flows now is
asked of the passages when somebody looks. Memory grows with the names there are, and with nothing a stranger chooses.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Container

    from webproxy.net.tcp_info import Carried


class Passes(Protocol):
    """What carries bytes between a client and a machine."""

    def carried(self) -> Carried:
        """Tell how many so far: sent to the machine, received from it."""

    def cut(self) -> None:
        """End at once."""


class Moved(NamedTuple):
    """What has gone through.

    :ivar connections: that have come to a machine, ever.
    :ivar received: bytes of clients, decrypted.
    :ivar sent: bytes to clients.
    """

    connections: int = 0
    received: int = 0
    sent: int = 0

    def plus(self, carried: Carried, connections: int = 0) -> Moved:
        """Add what a passage carried."""
        return Moved(self.connections + connections, self.received + carried.sent, self.sent + carried.received)


class Traffic:
    """The counts of one router.

    :ivar handshakes: that came to an end.
    :ivar refused: connections that did not get through, by why.
    """

    def __init__(self) -> None:
        self.handshakes = 0
        self.refused: Counter[str] = Counter()
        self._ended = Moved()
        self._by_name: dict[str, Moved] = {}
        self._live: dict[str, set[Passes]] = {}

    def __repr__(self) -> str:
        return f"<Traffic handshakes={self.handshakes} names={len(self._by_name)}>"

    def began(self, label: str, passage: Passes) -> None:
        """A passage to a name's machine has begun."""
        self._live.setdefault(label, set()).add(passage)

    def ended(self, label: str, passage: Passes) -> None:
        """It is over."""
        live = self._live.get(label, set())
        if passage not in live:
            return
        live.discard(passage)
        if not live:
            del self._live[label]
        carried = passage.carried()
        self._ended = self._ended.plus(carried, 1)
        self._by_name[label] = self._by_name.get(label, Moved()).plus(carried, 1)

    def cut(self, label: str) -> None:
        """End what goes to a name now."""
        for passage in list(self._live.get(label, ())):
            passage.cut()

    def of(self, label: str) -> Moved:
        """Tell what has gone to a name, and goes now."""
        return self._with_live(self._by_name.get(label, Moved()), self._live.get(label, ()))

    def total(self) -> Moved:
        """Tell what has gone to all names, forgotten ones as well."""
        return self._with_live(self._ended, [passage for live in self._live.values() for passage in live])

    def keep(self, labels: Container[str]) -> None:
        """Forget the counts of names that are no more."""
        for label in [label for label in self._by_name if label not in labels]:
            del self._by_name[label]

    def _with_live(self, moved: Moved, live: set[Passes] | list[Passes] | tuple[()]) -> Moved:
        for passage in live:
            moved = moved.plus(passage.carried(), 1)
        return moved
