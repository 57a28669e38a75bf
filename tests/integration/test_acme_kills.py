"""kill -9 at every step of an issuance: the next start finishes it, or begins it anew; what is on disk always fits."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.edge import DOMAIN, certificate
from tests.integration.in_front import in_front
from tests.integration.pebble import pebble
from tests.integration.router import CONTROL
from webproxy.router.acme import begun
from webproxy.router.acme.folder import CERTIFICATE, ORDER, Folder
from webproxy.router.acme.request import leaf_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.in_front import InFront

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
WILD = f"*.{DOMAIN}"
STEPS = (
    "made a key",
    "made an order",
    "wrote the order down",
    "shows a proof",
    "proved it",
    "asked for the certificate",
    "has the certificate",
    "wrote the certificate down",
)

pytestmark = pytest.mark.skipif(
    os.environ.get("WEBPROXY_TEST_REACTOR") == "epoll", reason="these processes choose their reactors themselves"
)


class Place:
    """A router's folder, and the authority that it asks."""

    def __init__(self, folder: Path, dns_port: int, front: InFront) -> None:
        self.front = front
        self.folder = Folder(folder / "state" / "acme")
        self.out = folder / "out"
        chain, key = certificate(folder, CONTROL)
        self.words = ["--domain", DOMAIN, "--machines", "127.0.0.0/8", "--listen", "127.0.0.1", "--http-port", "none"]
        self.words += ["--port", str(free_port()), "--control-port", str(free_port()), "--state", str(folder / "state")]
        self.words += ["--control-certificate", str(chain), "--control-key", str(key), "--dns-port", str(dns_port)]
        self.words += ["--acme-agree-terms", "yes", "--acme-directory", front.directory, "--acme-ca", str(front.ca)]
        self.words += ["--public-address", "127.0.0.1", "--drain", "0s"]

    @contextlib.contextmanager
    def started(self, step: str = "-") -> Iterator[subprocess.Popen[bytes]]:
        """A router that kills itself at a step."""
        words = [sys.executable, str(ROOT / "tests" / "integration" / "killed_router.py"), step, *self.words]
        with self.out.open("ab") as out:
            environ = {**os.environ, "PYTHONPATH": str(ROOT)}
            process = subprocess.Popen(words, cwd=ROOT, env=environ, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE)

    def killed(self, step: str) -> None:
        """Run it until it has killed itself."""
        with self.started(step) as process:
            assert process.wait(PATIENCE) == -signal.SIGKILL, self.out.read_text()

    def finished(self) -> None:
        """Run it until nothing is left to do."""
        with self.started() as process:
            deadline = time.monotonic() + PATIENCE
            while self.begun() is not None or self.pair() is None:
                assert process.poll() is None, self.out.read_text()
                assert time.monotonic() < deadline, self.out.read_text()
                time.sleep(0.05)

    def pair(self) -> tuple[str, str] | None:
        """Give the certificate and the key that would be used, which belong together."""
        data = self.folder.read(WILD, CERTIFICATE)
        if data is None:
            return None
        chain, mark, key = data.decode().partition("-----BEGIN PRIVATE KEY-----")
        leaf_of(chain, mark + key, (WILD,))
        return chain, (mark + key).strip()

    def begun(self) -> begun.Begun | None:
        data = self.folder.read(WILD, ORDER)
        return None if data is None else begun.read(data)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    dns_port = free_port()
    with pebble(tmp_path / "pebble", dns_port) as at, in_front(at.ca, at.key, at.port) as front:
        yield Place(tmp_path, dns_port, front)


def test_one_issuance_that_is_killed_at_each_of_its_steps(place: Place) -> None:
    """One process after the other goes on with the same order; only one that was not written down is made anew."""
    first_key = ""
    for step in STEPS:
        place.killed(step)
        left = place.begun()
        assert left is not None, step
        if step == "wrote the certificate down":
            pair = place.pair()
            assert pair is not None
            assert pair[1] == left.key.strip() == first_key
        else:
            assert place.pair() is None, step
            first_key = first_key or left.key.strip()
            assert left.key.strip() == first_key, step
    asked = len(place.front.asked)
    place.finished()
    pair = place.pair()
    assert pair is not None
    assert pair[1] == first_key
    assert len(place.front.asked) == asked, "all was there; nobody had to be asked"
    assert place.front.made("/order-plz") == 2, "the one that was not written down, and the one that came to something"
    assert place.front.made("/sign-me-up") == 1


def test_killed_while_the_authority_looks_and_while_it_renews(place: Place) -> None:
    """It may have looked before the name server went, or after; a renewal leaves what there was."""
    place.killed("asked the authority to look")
    place.finished()
    assert place.front.made("/order-plz") in (1, 2)
    before = place.pair()
    assert before is not None
    at = place.words.index("--acme-directory") + 1
    place.words[at] += "?of-another-authority"
    place.killed("has the certificate")
    left = place.begun()
    assert left is not None
    assert place.pair() == before
    assert left.key.strip() != before[1]
    place.finished()
    after = place.pair()
    assert after is not None
    assert after[1] == left.key.strip()
