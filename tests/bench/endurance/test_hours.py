"""What an endurance run tells at its end; a real one: tests/system/test_endurance.py."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from bench.endurance.curve import Moment, find
from bench.endurance.hours import Endurance, curves, report

STAND: Any = SimpleNamespace(port=1, edge_port=2, name="a.example")


def moments() -> list[Moment]:
    return [
        Moment("webproxy", minute, minute % 2 == 0, {"timers": 10.0 + minute % 2}) for minute in map(float, range(9))
    ]


def test_the_report_says_what_was_done_and_what_grew() -> None:
    run = Endurance(STAND)
    run.moments = moments()
    run.faults["reload"] = 3
    run.mixed.came = 1200
    run.mixed.outcomes.update({("talking", "101"): 4, ("talking", "502"): 1})
    told = report(run, find(run.moments))
    assert told.startswith("8 minutes, 1,200 clients; faults: kill service 0 times, reload 3 times")
    assert "* flat: webproxy, timers: 10.0 to 10.0 at rest, at most 11.0 at work" in told
    assert "| talking | 101: 4, 502: 1 |" in told


def test_rest_and_work_are_curves_of_their_own() -> None:
    drawn = curves(moments())
    assert drawn.count("webproxy: timers") == 1
    assert ">at rest<" in drawn
    assert ">at work<" in drawn
