"""A million handshakes of every shape, sound and broken, on each way that the router has to do TLS.

The router must live, serve who comes meanwhile, log nothing of strangers' nonsense, and be no larger at the end:
whoever speaks to port 443 has shown nobody anything yet.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections import Counter
from random import Random, SystemRandom
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.integration.edge import DOMAIN
from tests.integration.router import Machine
from tests.integration.test_router_process import RUN, TWISTD, Place, Server
from tests.system.authority import issue
from tests.system.test_dns_noise import size
from tests.system.test_tls_quality import Speaks, visited
from tests.tls_noise import Noise
from tests.tls_shapes import hellos

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = float(os.environ.get("WEBPROXY_TEST_HANDSHAKES", "600"))
SHARES = {"aiofastnet": 0.6, "uvloop": 0.2, "Twisted": 0.2}
"""Of the time; the first is what routers use where it can be installed."""
ROUND = 5.0
"""Seconds of noise between two visits of an honest client."""
WARM = 0.25
"""Of the time, after which memory has found its size: OpenSSL's blocks fill what its peaks have left."""
GROWTH = 0.25
"""KiB that it may grow by for each connection afterwards: a TLS object that were kept would take twenty."""
SLACK = 8192
"""KiB that it may grow by in any case."""


MACHINES = 8
"""The router lets so many handshakes through to one name, and no more."""


class Router(NamedTuple):
    """A router with some machines.

    :ivar names: of the machines.
    """

    place: Place
    pid: int
    names: list[str]
    machines: list[Machine]


@contextlib.contextmanager
def running(folder: Path, transport: str) -> Iterator[Router]:
    """A router that does TLS in this way."""
    program = {"aiofastnet": TWISTD, "uvloop": RUN, "Twisted": (TWISTD[0], "--reactor", "epoll", *TWISTD[1:])}[
        transport
    ]
    if transport == "uvloop":  # found in the working directory before the installed one
        (folder / "aiofastnet.py").write_text("raise ImportError('it is not there in this test')\n")
    place = Place(folder)
    issue(folder, "ecdsa", f"*.{DOMAIN}", "router.internal")
    with Server(("127.0.0.1", 0), Speaks) as server, place.started(*program) as process:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        machines = [Machine(place.control, place.chain, server.server_port) for _ in range(MACHINES)]
        try:
            names = [f"{machine.does('register', 'app').said['name']}.{DOMAIN}" for machine in machines]
            yield Router(place, process.pid, names, machines)
            assert process.poll() is None
        finally:
            for machine in machines:
                machine.close()
            server.shutdown()
            thread.join()


def play(router: Router, noise: Noise, seconds: float) -> None:
    """Make noise, with an honest client and a renewal of the lease in between."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        noise.go_on(min(ROUND, seconds))
        assert visited(router.place.port, router.names[0], router.place.chain) == b"hello"
        assert [machine.does("renew").status for machine in router.machines] == [200] * MACHINES


@pytest.mark.parametrize("transport", SHARES)
def test_handshakes_of_every_shape(transport: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed, seconds = SystemRandom().randrange(1 << 48), SECONDS * SHARES[transport]
    with running(tmp_path, transport) as router:
        sound = hellos([*router.names, f"nobody.{DOMAIN}", "example.org", ""])
        noise = Noise(router.place.port, Random(seed), sound, [name.encode() for name in router.names])
        play(router, noise, seconds * WARM)
        time.sleep(5)
        (before, descriptors), warm = size(router.pid), noise.heard["connections"]
        play(router, noise, seconds * (1 - WARM))
        _settle(router.pid, descriptors)
        after, left = size(router.pid)
    heard = Counter(noise.heard)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{transport}, seed {seed}: {dict(heard)}, {heard['connections'] / seconds:.0f}/s; "
            f"{before} -> {after} KiB over the last {heard['connections'] - warm}, "
            f"{descriptors} -> {left} descriptors\n"
        )
    told = (tmp_path / "out").read_text()
    assert "Traceback" not in told, seed
    assert "#critical" not in told, seed
    assert min(heard["handshake"], heard["alert"], heard["nothing"]) > 50
    assert after - before < SLACK + GROWTH * (heard["connections"] - warm), seed
    assert left <= descriptors, seed


def _settle(pid: int, descriptors: int) -> None:
    """Wait until the last connections have ended, or have had their time, and until all has been quiet for a while."""
    deadline = time.monotonic() + 30
    time.sleep(5)
    while size(pid)[1] > descriptors and time.monotonic() < deadline:
        time.sleep(0.2)
