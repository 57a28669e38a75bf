"""The machine: limits that a busy proxy meets, and its clock.

Rule of this file: read from the kernel, change nothing.
"""

from __future__ import annotations

import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

from webproxy.doctor.finding import good, note, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webproxy.doctor.finding import Finding

DESCRIPTORS = 4096
"""Two for each exchange: with fewer than this the first busy day ends in refused connections."""
PIPES = Path("/proc/sys/fs/pipe-user-pages-soft")
BUILT = 1767225600.0
"""1 January 2026: no clock that is right shows an earlier time."""


def limits() -> Iterator[Finding]:
    """Look at what one process may have."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= DESCRIPTORS:
        yield good(
            "limits", f"a process may have {'any number of' if hard < 0 else hard} descriptors ({soft} at first)"
        )
    else:
        yield problem(
            "limits",
            f"a process may have {hard} descriptors: enough for {hard // 2} exchanges at once",
            "set LimitNOFILE=65536 in its unit, or ulimit -n 65536 before it is started",
        )
    pages = _number(PIPES)
    if pages is not None and 0 < pages < 2048:
        yield note("limits", f"pipes are limited to {pages} pages: large bodies are copied", f"echo 16384 > {PIPES}")


def clock(now: float | None = None) -> Finding:
    """Look whether the time can be right; certificates and keys expire by it."""
    if (time.time() if now is None else now) < BUILT:
        return problem("clock", "the clock is years behind", "timedatectl set-ntp true")
    return good("clock", "the clock can be right")


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
