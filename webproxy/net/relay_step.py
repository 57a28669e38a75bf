"""What a relay does next: a decision from four values, without a socket."""

from __future__ import annotations

from enum import Enum


class Step(Enum):
    """What a relay waits for."""

    GIVE = "until the sink takes what is held"
    TAKE = "until the source has more"
    OVER = "for nothing: all there is has been passed on"


def next_step(held: int, left: float, *, ended: bool) -> Step:
    """Decide what comes next.

    What is held goes out before anything else is taken, so that the sink sets the pace; and before the source's end is
    told, so that no byte is lost that came before it.

    :param held: bytes taken and not given yet.
    :param left: bytes still to take; ``math.inf`` until the source ends.
    :param ended: whether the source has ended, or failed.
    """
    if held:
        return Step.GIVE
    return Step.OVER if ended or not left else Step.TAKE
