"""Minutes of noise on a router's name server, over UDP and TCP at once: it serves on, and is no larger."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random, SystemRandom
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.dns_noise import Tally, over_tcp, over_udp
from tests.integration.test_dns import PROOF, asked
from tests.integration.test_router_process import TWISTD, Place

if TYPE_CHECKING:
    import pytest

SECONDS = float(os.environ.get("WEBPROXY_TEST_DNS_NOISE", "300"))
WARM = 15.0
"""Seconds after which memory has found its size: 10,000 addresses are remembered by then."""
GROWTH = 8192
"""KiB that it may grow by afterwards."""


def size(pid: int) -> tuple[int, int]:
    """Resident memory in KiB, and open descriptors."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(status["VmRSS"].split()[0]), len(list(Path(f"/proc/{pid}/fd").iterdir()))


def noise(port: int, seed: int, seconds: float) -> Tally:
    """Both kinds at once; how much there was."""
    with ThreadPoolExecutor(2) as threads:
        each = [threads.submit(kind, port, Random(seed + at), seconds) for at, kind in enumerate((over_udp, over_tcp))]
        tallies = [one.result() for one in each]
    return Tally(*map(sum, zip(*tallies, strict=True)))


def test_minutes_of_noise(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = SystemRandom().randrange(1 << 48)
    place, port = Place(tmp_path), free_port()
    place.words += ["--dns-port", str(port)]
    with place.started(*TWISTD) as process:
        noise(port, seed, WARM)
        memory, descriptors = size(process.pid)
        tally = noise(port, seed + 2, SECONDS)
        after, left = size(process.pid)
        with capsys.disabled():
            sys.stdout.write(f"\nseed {seed}: {tally}, {memory} -> {after} KiB, {descriptors} -> {left} descriptors\n")
        assert process.poll() is None
        assert asked("dig", port, PROOF, "TXT").status == "NOERROR"
    assert "Traceback" not in (tmp_path / "out").read_text(), seed
    assert tally.answered > 1000
    assert after - memory < GROWTH, seed
    assert left <= descriptors + 4, seed
