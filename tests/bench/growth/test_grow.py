"""A run of sweeps: medians, curves and words; and each kind of work once, small, through real proxies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from bench.growth.grow import curves, measured, medians, report
from bench.growth.sweep import Cost, Point, Sweep
from bench.growth.sweeps import SWEEPS
from bench.stage import stage


def test_rounds_become_one_point() -> None:
    points = [Point("streams", "nginx", 10, Cost(cpu, 2.0)) for cpu in (9.0, 1.0, 2.0)]
    assert medians([*points, Point("streams", "nginx", 100, Cost(7.0, 3.0))]) == [
        Point("streams", "nginx", 10, Cost(2.0, 2.0)),
        Point("streams", "nginx", 100, Cost(7.0, 3.0)),
    ]


def test_every_sweep_has_its_curves_and_its_words() -> None:
    points = [
        Point(sweep.name, name, amount, Cost(float(amount), 0.0))
        for sweep in SWEEPS
        for name in sweep.peers
        for amount in sweep.amounts
    ]
    drawn, words = curves(points), report({"date": "today"}, points)
    assert words.startswith("* date: today\n")
    for sweep in SWEEPS:
        assert drawn.count(f">{sweep.title}<") == 2
        assert f"**{sweep.title}**" in words


@pytest.mark.parametrize("kind", SWEEPS, ids=lambda sweep: sweep.name)
def test_each_kind_of_work_can_be_done(kind: Sweep, capsys: pytest.CaptureFixture[str]) -> None:
    amount = kind.amounts[0] + 2
    ours = kind.peers[0]
    with stage(0.5) as here, ThreadPoolExecutor(1) as pool:  # a thread: the tests' reactor has this one's loop
        point = pool.submit(measured, here, kind, ours, amount).result()
    told = capsys.readouterr().err
    if point is None and "too busy" in told:
        pytest.skip("this machine is too busy to measure streams")
    assert point is not None, told
    assert (point.sweep, point.peer, point.amount) == (kind.name, ours, amount)
    assert point.cost.cpu > 0
