"""What a run leaves behind: one sample for each round, row and peer, and the facts of the machine; kept as JSON.

Everything printed or judged is derived from these, so a file can be read again later (``python -m bench report FILE``).
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from bench.figures import ByRound, differences

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from bench.rows.row import Metric

DIRECT = "direct"  # the name under which the service is measured without a proxy in between


@dataclass(frozen=True)
class Sample:
    """One measurement: its values by metric, or why there are none: the proxy failed, or the bench was disturbed."""

    row: str
    peer: str
    turn: int
    values: dict[str, float] = field(default_factory=dict)
    failure: str = ""
    disturbance: str = ""
    others: float = 0.0  # share of the machine's CPUs that programs other than the bench's used meanwhile, 0 to 1


@dataclass(frozen=True)
class Run:
    """All samples of a run, and where and when it was."""

    facts: dict[str, str]
    samples: list[Sample]

    def by_round(self, row: str, metric: Metric, peer: str) -> ByRound:
        """The metric's values by round; what a proxy *adds* is its value less that of the direct way."""
        if metric.above_direct and peer == DIRECT:
            return {}
        if metric.above_direct:
            return differences(
                self._plain(row, metric.above_direct, peer), self._plain(row, metric.above_direct, DIRECT)
            )
        return self._plain(row, metric.name, peer)

    def _plain(self, row: str, name: str, peer: str) -> ByRound:
        return {sample.turn: sample.values[name] for sample in self.of(row, peer) if name in sample.values}

    def of(self, row: str, peer: str) -> Iterable[Sample]:
        """Samples of one row and one peer, in order."""
        return (sample for sample in self.samples if (sample.row, sample.peer) == (row, peer))

    def failures(self, row: str, peer: str) -> list[str]:
        """Why measurements of this row and peer failed."""
        return [sample.failure for sample in self.of(row, peer) if sample.failure]

    def disturbances(self, row: str, peer: str) -> list[str]:
        """Why measurements of this row and peer do not count."""
        return [sample.disturbance for sample in self.of(row, peer) if sample.disturbance]

    def peers(self, row: str) -> list[str]:
        """Peers that were measured in this row, first seen first."""
        return list(dict.fromkeys(sample.peer for sample in self.samples if sample.row == row))


def save(run: Run, path: Path) -> None:
    path.write_text(json.dumps(asdict(run), indent=1) + "\n")


def load(path: Path) -> Run:
    """Raises OSError, and ValueError, KeyError or TypeError for a file that is not of ours."""
    kept = json.loads(path.read_text())
    return Run(kept["facts"], [Sample(**sample) for sample in kept["samples"]])
