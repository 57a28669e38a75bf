"""Numbers by which a policy can be watched: how long its line is, how many it has turned away.

Rule of this file: a metric is a name and a way to read it. Nothing is counted here, nothing is read before somebody
asks, and so a number that nobody watches costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Metric:
    """A number of a policy's.

    :param name: lower-case words joined by ``_``; the policy's name is put in front of it by whoever shows it, and
        ``total`` behind a counter.
    :param kind: ``gauge``, which goes up and down, or ``counter``, which begins at 0 and only goes up.
    :param help: what it tells, in a sentence.
    :param read: gives the number as it is now. It is called from the reactor's thread whenever somebody asks, and
        answers at once.
    :raises ValueError: a name or kind that is none.
    """

    name: str
    kind: Literal["gauge", "counter"]
    help: str
    read: Callable[[], float]

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name.endswith("_total"):
            raise ValueError(f"{self.name!r} is no name for a metric; write words in lower case, joined by _")
        if self.kind not in {"gauge", "counter"}:
            raise ValueError(f"{self.name} is a gauge or a counter, not {self.kind!r}")


class Reading(NamedTuple):
    """What a metric says at a moment.

    :ivar policy: name of the policy.
    :ivar metric: what was read.
    :ivar value: the number.
    """

    policy: str
    metric: Metric
    value: float
