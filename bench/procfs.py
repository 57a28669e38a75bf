"""What a running program has cost so far, as the kernel counts it: CPU seconds and memory of it and its children."""

from __future__ import annotations

import re
import time
from pathlib import Path

PROC = Path("/proc")
KIB = 1024
BUSY = (0, 1, 2, 5, 6, 7)  # user, nice, system, irq, softirq, steal: proc(5), /proc/stat
TICKS = 100  # USER_HZ, on every architecture Debian runs on


def tree(pid: int) -> list[int]:
    """The process and its descendants, parents first."""
    pids = [pid]
    for parent in pids:
        for task in (PROC / str(parent) / "task").iterdir():
            pids += map(int, (task / "children").read_text().split())
    return pids


def cpu_seconds(pid: int) -> float:
    """User and system time of one process, all its threads included, those that ended too.

    The process's CPU clock says the same as utime + stime of ``/proc/PID/stat``, in nanoseconds rather than in ticks
    of 10 ms; its number is made of the pid (``clock_getcpuclockid(3)``).
    """
    return time.clock_gettime((~pid << 3) | 2)


def _field(pid: int, file: str, name: str) -> int:
    match = re.search(rf"^{name}:\s+(\d+) kB", (PROC / str(pid) / file).read_text(), re.MULTILINE)
    return int(match[1]) if match else 0


def resident_kib(pid: int) -> int:
    """Memory of the process in RAM, KiB. Counted page by page: ``VmRSS`` of newer kernels is an estimate."""
    return _field(pid, "smaps_rollup", "Rss")


def peak_kib(pid: int) -> int:
    """The most memory the process ever had in RAM since ``forget_peak``, KiB."""
    return _field(pid, "status", "VmHWM")


def forget_peak(pid: int) -> None:
    """Begin ``peak_kib`` anew from what is resident now (proc(5), clear_refs)."""
    (PROC / str(pid) / "clear_refs").write_text("5")


def machine_busy_seconds() -> float:
    """CPU seconds spent on this machine since it started, by anybody."""
    fields = (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    return sum(int(fields[index]) for index in BUSY) / TICKS
