"""Costs of running programs, as the kernel counts them: this test's own children."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench import procfs

if TYPE_CHECKING:
    from collections.abc import Iterator

STEPS = """
import sys, time
sys.stdin.readline()
block = b"x" * {size}
del block
end = time.process_time() + {seconds}
while time.process_time() < end: pass
print("done", flush=True)
sys.stdin.readline()
"""


@contextmanager
def program(size: int, seconds: float) -> Iterator[subprocess.Popen[str]]:
    source = STEPS.format(size=size, seconds=seconds)
    with subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def step(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "done\n"


def test_cpu_time_is_that_of_the_other_process() -> None:
    with program(0, 0.3) as process:
        before = procfs.cpu_seconds(process.pid)
        step(process)
        assert 0.25 < procfs.cpu_seconds(process.pid) - before < 1.0


def test_cpu_time_says_what_proc_says_only_finer() -> None:
    fields = (procfs.PROC / "self" / "stat").read_text().rpartition(")")[2].split()
    ticks = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    assert abs(procfs.cpu_seconds(os.getpid()) - ticks) < 0.1


def test_a_peak_is_remembered_after_the_memory_was_given_back() -> None:
    with program(64 << 20, 0) as process:
        while "python" not in (procfs.PROC / str(process.pid) / "comm").read_text():
            time.sleep(0.01)
        time.sleep(0.2)
        procfs.forget_peak(process.pid)
        before = procfs.peak_kib(process.pid)
        step(process)
        assert procfs.peak_kib(process.pid) - before > 60 << 10
        assert procfs.resident_kib(process.pid) - before < 30 << 10


def test_a_tree_holds_children_of_children() -> None:
    source = "import subprocess, sys; subprocess.run(['sleep', '30'])"
    with subprocess.Popen([sys.executable, "-c", source]) as process:
        until = time.monotonic() + 10
        while len(family := procfs.tree(process.pid)) < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert family[0] == process.pid
        assert len(family) == 2
        for pid in reversed(family):
            os.kill(pid, 9)


def test_the_machine_counts_busy_time() -> None:
    before, until = procfs.machine_busy_seconds(), time.process_time() + 0.3
    while time.process_time() < until:
        pass
    assert procfs.machine_busy_seconds() - before > 0.2
