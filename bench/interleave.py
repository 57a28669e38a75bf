"""The order of a run: every round measures every row, every row all peers in turn, each round another one first.

Bars want many rounds, a picture of everybody fewer: after some rounds only those peers go on whom a bar names.

So a machine that is slow for a minute is slow for all of them, and nobody always follows the same neighbour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from bench.bars import needed_in
from bench.sample import DIRECT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.peers.peer import Peer
    from bench.rows.row import Row

T = TypeVar("T")


class Turn(NamedTuple):
    """One measurement to make; ``peer`` None is the direct way."""

    number: int
    row: Row
    peer: Peer | None


def rotated(items: Sequence[T], by: int) -> list[T]:
    """``items`` from the ``by``-th on, then those before it."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]


def turns(rows: Sequence[Row], peers: Sequence[Peer], rounds: int, whole: int | None = None) -> Iterator[Turn]:
    """All measurements of a run, in order.

    :param whole: after so many rounds only what the bars need is measured; None: everything, always.
    """
    for number in range(rounds):
        for row in rows:
            able: list[Peer | None] = [peer for peer in peers if peer.name not in row.absent]
            if row.direct:
                able.append(None)
            if whole is not None and number >= whole:
                able = [peer for peer in able if (peer.name if peer else DIRECT) in needed_in(row)]
            for peer in rotated(able, number):
                yield Turn(number, row, peer)
