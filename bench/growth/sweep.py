"""What a sweep is: one kind of work in growing amounts, and what each amount costs a proxy in CPU and in memory.

And whether the curves are straight lines or better, which is arithmetic: a cost of one thing more may not rise with how
many there are already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from bench.figures import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Literal

    from bench.peers.peer import Peer
    from bench.rows.row import Scene

LENIENCE = 1.5
"""So many times as much as the share of the greatest amount says may a curve rise: the machine is not quiet."""


class Cost(NamedTuple):
    """CPU as ``Sweep.cpu`` names it, and MiB more than the proxy had when it was idle."""

    cpu: float
    memory_mib: float


class Point(NamedTuple):
    """One measurement."""

    sweep: str
    peer: str
    amount: int
    cost: Cost


@dataclass(frozen=True)
class Sweep:
    """One kind of work.

    :ivar across: what grows.
    :ivar cpu: what is told of the CPU, and whether it should stay as it is (``flat``) or may grow with the amount.
    :ivar peer: which proxy carries how much.
    """

    name: str
    title: str
    across: str
    cpu: str
    flat: bool
    amounts: Sequence[int]
    measure: Callable[[Scene, int], Cost]
    peers: Sequence[str]
    peer: Callable[[str, int], Peer]
    upstream: Literal["answers", "bodies"] = "answers"


def straight(amounts: Sequence[int], costs: Sequence[float], *, flat: bool, floor: float) -> bool:
    """Whether a curve is a straight line or better: what the greatest amount costs, beside what the others promise.

    :param flat: the cost is that of one thing, and should not rise at all.
    :param floor: costs below this are as good as nothing.
    """
    pairs = list(zip(amounts, costs, strict=True))
    most, dearest = pairs[-1]
    promised = [max(cost, floor) * (1 if flat else most / amount) for amount, cost in pairs[len(pairs) // 2 : -1]]
    return not promised or dearest <= LENIENCE * max(promised)


def told(sweep: Sweep, points: Sequence[Point], peer: str) -> str:
    """A sentence on one proxy in one sweep."""
    own = [point for point in points if (point.sweep, point.peer) == (sweep.name, peer)]
    if len(own) < 2:
        return f"{peer}: not measured"
    amounts = [point.amount for point in own]
    cpu = straight(amounts, [point.cost.cpu for point in own], flat=sweep.flat, floor=0.01)
    memory = straight(amounts, [point.cost.memory_mib for point in own], flat=False, floor=1.0)
    first, last = own[0], own[-1]
    words = {True: "straight or better", False: "RISES FASTER THAN THE WORK"}
    return (
        f"{peer}: {sweep.cpu} {readable(first.cost.cpu)} at {first.amount:,}, {readable(last.cost.cpu)} at "
        f"{last.amount:,} ({words[cpu]}); memory {readable(first.cost.memory_mib)} and "
        f"{readable(last.cost.memory_mib)} MiB ({words[memory]})"
    )
