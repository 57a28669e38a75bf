"""What the demo service is doing and has done, in plain counts.

Its answers tell a proxy's tests what reached this side: a stream that somebody left must not stay ``running``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field


@dataclass(slots=True)
class Tally:
    """Exchanges of one kind.

    :ivar running: how many are under way now.
    :ivar finished: how many came to their end.
    :ivar left: how many ended early because the client left.
    """

    running: int = 0
    finished: int = 0
    left: int = 0

    def begin(self) -> None:
        """One more has begun."""
        self.running += 1

    def end(self, *, complete: bool) -> None:
        """One that had begun is over.

        :param complete: whether it came to its end; else the client left.
        """
        self.running -= 1
        if complete:
            self.finished += 1
        else:
            self.left += 1


@dataclass(slots=True)
class Tallies:
    """Every kind of exchange that the service counts, and how many pieces its streams have sent."""

    streams: Tally = field(default_factory=Tally)
    downloads: Tally = field(default_factory=Tally)
    bodies: Tally = field(default_factory=Tally)
    sockets: Tally = field(default_factory=Tally)
    pieces: int = 0

    def as_json(self) -> dict[str, object]:
        """The counts as ``/stats`` shows them."""
        return asdict(self)
