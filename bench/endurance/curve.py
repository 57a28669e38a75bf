"""What grew during hours of work, and whether that is a leak: samples taken at rest, first ones beside last ones.

Pure. *At rest* means that all clients have left and a few seconds have passed: what a program still holds then it holds
for good. Memory is compared by medians of thirds, for allocators keep pages and give them back as they like; what can
be counted has to be as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from bench.figures import readable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True)
class Moment:
    """One look at a program.

    :ivar minute: since the traffic began.
    :ivar rest: nobody was there.
    :ivar figures: by name: see ``LIMITS``.
    """

    program: str
    minute: float
    rest: bool
    figures: Mapping[str, float]


class Limit(NamedTuple):
    """By how much a figure at rest may grow from the first third of the time to the last: so much, or such a share."""

    title: str
    amount: float
    share: float


LIMITS = {
    "memory_mib": Limit("memory, MiB", 2.0, 0.03),
    "descriptors": Limit("descriptors", 4, 0.0),
    "pipes": Limit("pipes' ends", 2, 0.0),
    "sockets": Limit("sockets", 4, 0.0),
    "threads": Limit("threads", 2, 0.0),
    "timers": Limit("timers", 60, 0.0),  # cancelled ones are in such cycles, too
    "objects": Limit("objects the collector knows", 10_000, 0.02),  # cycles wait for it until there are so many
}


class Finding(NamedTuple):
    """How a figure of a program went."""

    program: str
    figure: str
    first: float
    last: float
    most: float
    flat: bool

    def __str__(self) -> str:
        word = "flat" if self.flat else "GROWS"
        told = f"{readable(self.first)} to {readable(self.last)} at rest, at most {readable(self.most)} at work"
        return f"{word}: {self.program}, {LIMITS[self.figure].title}: {told}"


def thirds(values: Sequence[float]) -> tuple[float, float]:
    """The medians of the first and the last third; a third is one value at least."""
    count = max(1, len(values) // 3)
    return median(values[:count]), median(values[-count:])


def find(moments: Sequence[Moment]) -> list[Finding]:
    """A finding for each program and figure; the first rest ends the warm-up, and two more are needed to compare."""
    findings = []
    for program in dict.fromkeys(moment.program for moment in moments):
        own = [moment for moment in moments if moment.program == program]
        for name, limit in LIMITS.items():
            rests = [moment.figures[name] for moment in own if moment.rest and name in moment.figures][1:]
            if len(rests) < 2:
                continue
            first, last = thirds(rests)
            most = max(moment.figures[name] for moment in own if name in moment.figures)
            findings.append(
                Finding(program, name, first, last, most, last - first <= max(limit.amount, first * limit.share))
            )
    return findings
