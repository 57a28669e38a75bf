"""A router as a process that asks Pebble for its certificate, and can be killed at any step or moment."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.ports import free_port
from tests.integration.edge import DOMAIN, certificate
from tests.integration.router import CONTROL
from tests.modules import with_modules
from webproxy.router.acme import begun
from webproxy.router.acme.folder import CERTIFICATE, ORDER, Folder
from webproxy.router.acme.request import leaf_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.in_front import InFront

PROGRAM = Path(__file__).with_name("killed_router.py")
PATIENCE = 30.0
WILD = f"*.{DOMAIN}"


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
        words = [sys.executable, str(PROGRAM), step, *self.words]
        with self.out.open("ab") as out:
            process = subprocess.Popen(words, env=with_modules(), stdout=out, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.kill()
            process.wait(PATIENCE)

    def until_it_looks(self) -> None:
        """Wait until the router that was started last looks after its certificates."""
        deadline = time.monotonic() + PATIENCE
        before = self.out.stat().st_size
        while b"starting up" not in self.out.read_bytes()[before:]:
            assert time.monotonic() < deadline, self.out.read_text()
            time.sleep(0.02)

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
