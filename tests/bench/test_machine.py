"""What is written above the tables."""

from __future__ import annotations

import platform
import re
import sys

from bench.machine import facts
from bench.peers.peer import Peer


def test_machine_versions_and_date_are_told() -> None:
    peer = Peer("fast", "Fast", (), (sys.executable, "-c", "print('Fast 1.2')"))
    told = facts([peer])
    assert told["Fast"] == "Fast 1.2"
    assert platform.python_version() in told["Python"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", told["date"])
    assert re.match(r"\d+ x \w", told["processor"])
