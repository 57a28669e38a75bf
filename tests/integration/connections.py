"""Which TCP connections a process has, as the kernel tells: for the message of a test that waited in vain."""

from __future__ import annotations

import contextlib
from pathlib import Path

STATES = {"01": "established", "04": "we have said goodbye", "08": "the other end has said goodbye", "0A": "listening"}


def connections(pid: int) -> list[str]:
    """Give a line for each: this end's port, the other end's, and how it stands (proc_pid_net(5))."""
    held = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            held.add(str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]"))
    lines = []
    for table in ("tcp", "tcp6"):
        for row in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[9] in held:
                here, there = (int(field.rpartition(":")[2], 16) for field in fields[1:3])
                lines.append(f"{here} - {there} {STATES.get(fields[3], fields[3])}")
    return lines
