"""Programs beside the bench: they answer, they tell why not, and they are gone afterwards."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.child import MeasurementError, running
from bench.ports import free_port
from bench.stage import MODULES

if TYPE_CHECKING:
    from collections.abc import Sequence

CPUS = sorted(os.sched_getaffinity(0))[:1]


def service(port: int) -> Sequence[str]:
    return [sys.executable, "-m", "bench.upstream.bodies", str(port)]


def test_a_program_runs_on_its_cpu_until_the_block_ends(tmp_path: Path) -> None:
    port = free_port()
    with running("bodies", service(port), port, CPUS, tmp_path, MODULES) as child:
        pid = child.process.pid
        assert os.sched_getaffinity(pid) == set(CPUS)
        assert child.cpu_seconds() > 0
        assert child.resident_kib() > 1000
        child.alive()
    assert not Path(f"/proc/{pid}").exists()


def test_a_program_is_gone_when_the_measurement_raised(tmp_path: Path) -> None:
    port = free_port()
    pid = 0
    with (  # noqa: PT012 - the block is what is tested
        pytest.raises(KeyboardInterrupt),
        running("bodies", service(port), port, CPUS, tmp_path, MODULES) as child,
    ):
        pid = child.process.pid
        raise KeyboardInterrupt
    assert pid
    assert not Path(f"/proc/{pid}").exists()


def test_the_children_of_a_program_that_obeys_nobody_go_with_it(tmp_path: Path) -> None:
    port = free_port()
    script = f"trap '' TERM; {sys.executable} -m bench.upstream.bodies {port} & echo $!; wait"
    with running("stubborn", ["sh", "-c", script], port, CPUS, tmp_path, MODULES) as child:
        inner = int((tmp_path / "stubborn.out").read_text())
        assert Path(f"/proc/{inner}").exists()
        assert child.process.pid != inner
    until = time.monotonic() + 5
    while Path(f"/proc/{inner}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{inner}").exists()


def test_a_program_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    script = "import sys; print('line one', flush=True); sys.exit('no such option')"
    with (
        pytest.raises(MeasurementError, match=r"^broken ended with status 1, its last words: no such option$"),
        running("broken", [sys.executable, "-c", script], free_port(), CPUS, tmp_path, {}),
    ):
        pass
