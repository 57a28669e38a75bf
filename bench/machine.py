"""Facts without which figures mean nothing: the machine, the programs' versions, the date."""

from __future__ import annotations

import os
import platform
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.peers.peer import Peer


def processor() -> str:
    """The CPU's name as the kernel tells it."""
    match = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return match[1] if match else platform.machine()


def facts(peers: Iterable[Peer]) -> dict[str, str]:
    """What to write above the tables."""
    told = {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{len(os.sched_getaffinity(0))} x {processor()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_version()} ({platform.python_compiler()})",
    }
    return told | {peer.title: peer.ask_version() for peer in peers}
