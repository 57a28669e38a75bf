"""An endurance run: cycles of work, faults among it, and of rest, with looks at the programs all the time.

Bounded in load (``clients.WEIGHTS``), so that the machine remains usable. What it leaves in its folder:
``endurance.json``, every look; ``endurance.svg``, the same as curves; ``endurance.md``, what grew and what did not.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import sys
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bench import machine
from bench.child import MeasurementError
from bench.endurance.clients import Mixed, press
from bench.endurance.curve import LIMITS, Moment, find
from bench.endurance.stand import Stand, standing
from bench.lines import Axis, Panel, picture
from bench.peers.table import WEBPROXY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.endurance.curve import Finding

WORK = 240.0
REST = 15.0  # two looks of ``probed`` fit in, so that the last one saw nobody
LOOK = 10.0
FAULTS = ((23.0, "kill_service"), (31.0, "reload"), (47.0, "renew"))
DOWN = 0.7


class Endurance:
    """One run.

    :ivar faults: how often each was made.
    """

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.began = time.monotonic()
        self.moments: list[Moment] = []
        self.faults = dict.fromkeys((name for _, name in FAULTS), 0)
        self.mixed = Mixed(stand.port, stand.edge_port, stand.name)

    def look(self, *, rest: bool) -> None:
        """One moment of each program."""
        self.stand.alive()
        minute = (time.monotonic() - self.began) / 60
        for program in (self.stand.proxy, self.stand.router):
            self.moments.append(Moment(program.name, minute, rest, program.figures()))

    async def _looking(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self.look(rest=False)

    async def _fault(self, every: float, name: str) -> None:
        while True:
            await asyncio.sleep(every * random.uniform(0.7, 1.3))
            if name == "kill_service":
                await asyncio.to_thread(self.stand.kill_service, DOWN)
            else:
                await asyncio.to_thread(getattr(self.stand, name))
            self.faults[name] += 1

    async def cycle(self, work: float, rest: float) -> None:
        """Work with faults, then rest."""
        beside = [asyncio.ensure_future(self._looking())]
        beside += [asyncio.ensure_future(self._fault(every, name)) for every, name in FAULTS]
        try:
            await press(self.mixed, work)
            for task in beside:
                if task.done():
                    task.result()  # what a look found, if one has ended
        finally:
            for task in beside[1:]:
                task.cancel()
            beside[0].cancel()
            await asyncio.gather(*beside, return_exceptions=True)
        if self.stand.service.process.poll() is not None:  # a fault was cut short
            self.stand.service.start()
        await asyncio.sleep(rest)
        self.look(rest=True)


def curves(moments: Sequence[Moment]) -> str:
    """Every figure over the time, as SVG; at rest and at work are lines of their own."""
    panels = []
    for program in dict.fromkeys(moment.program for moment in moments):
        for name, limit in LIMITS.items():
            lines = {
                words: [
                    (moment.minute, moment.figures[name])
                    for moment in moments
                    if moment.program == program and moment.rest is rest and name in moment.figures
                ]
                for words, rest in (("at rest", True), ("at work", False))
            }
            panels.append(Panel(f"{program}: {limit.title}", Axis("minutes"), Axis(""), lines))
    return picture(panels)


def report(run: Endurance, findings: list[Finding]) -> str:
    """What is told at the end, as Markdown."""
    lines = [f"{run.moments[-1].minute:.0f} minutes, {run.mixed.came:,} clients; faults: "]
    lines[0] += ", ".join(f"{name.replace('_', ' ')} {count} times" for name, count in run.faults.items()) + "."
    lines += ["", *(f"* {finding}" for finding in findings), "", "| clients | what became of them |", "| --- | --- |"]
    kinds: dict[str, list[str]] = {}
    for (kind, outcome), count in sorted(run.mixed.outcomes.items()):
        kinds.setdefault(kind, []).append(f"{outcome}: {count:,}")
    return "\n".join([*lines, *(f"| {kind} | {', '.join(told)} |" for kind, told in kinds.items())]) + "\n"


async def _endure(run: Endurance, minutes: float) -> None:
    """Cycles until the time is over; six at least, however short it is, so that there is something to compare."""
    until = run.began + minutes * 60
    cycle = min(WORK + REST, minutes * 60 / 6)
    while time.monotonic() < until - cycle / 2:
        await run.cycle(max(cycle - REST, cycle / 2), min(REST, cycle / 2))
        print(f"minute {run.moments[-1].minute:.1f}: {dict(run.moments[-2].figures)}", file=sys.stderr, flush=True)


def endure(minutes: float, out: Path) -> int:
    """Run for so long, write what was seen; 1 if something grew or a program ended."""
    out.mkdir(parents=True, exist_ok=True)
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # of clients whose service was killed it tells at length
    status = 0
    with TemporaryDirectory(prefix="endure-") as folder, standing(Path(folder)) as stand:
        run = Endurance(stand)
        try:
            with suppress(KeyboardInterrupt):
                asyncio.run(_endure(run, minutes))
        except MeasurementError as error:
            print(f"bench: {error}", file=sys.stderr)
            status = 1
        findings = find(run.moments)
        told = report(run, findings)
        (out / "endurance.md").write_text(told)
        (out / "endurance.svg").write_text(curves(run.moments))
        kept = {
            "facts": machine.facts([WEBPROXY]),
            "report": told,
            "moments": [asdict(moment) for moment in run.moments],
        }
        (out / "endurance.json").write_text(json.dumps(kept) + "\n")
        for program in stand.programs:
            for file in (program.output, program.told):
                with suppress(FileNotFoundError):
                    (out / file.name).write_bytes(file.read_bytes())
    print(told)
    return status or int(not all(finding.flat for finding in findings))
