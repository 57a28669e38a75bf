"""The router as a process: started as users start it, killed at any moment, and what it keeps of its promises."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.integration.edge import DOMAIN, certificate
from tests.integration.router import CONTROL, Machine, give_token
from tests.judged import once
from tests.modules import with_modules
from webproxy.router.state import STORE
from webproxy.router.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 20.0
ROUNDS = 4
"""tests/system has a thousand."""

pytestmark = once


class Answer(BaseHTTPRequestHandler):
    """A machine's port: any status will do; it knows no PROXY header, and closes."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that has heard enough."""


class Place:
    """A folder with what a router needs, and free ports."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chain, key = certificate(folder, f"*.{DOMAIN}", CONTROL)
        self.control, self.port = free_port(), free_port()
        self.words = ["--domain", DOMAIN, "--certificate", str(self.chain), "--key", str(key), "--drain", "0"]
        self.words += ["--machines", "127.0.0.0/8", "--listen", "127.0.0.1", "--http-port", "none"]
        self.words += ["--port", str(self.port), "--control-port", str(self.control), "--state", str(folder / "state")]
        give_token(folder / "state")

    @contextlib.contextmanager
    def started(self, *program: str) -> Iterator[subprocess.Popen[bytes]]:
        environ = with_modules()
        with (self.folder / "out").open("ab") as out:
            process = subprocess.Popen(
                [*program, *self.words], cwd=self.folder, env=environ, stdout=out, stderr=subprocess.STDOUT
            )
        try:
            self._until_open(process)
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait(PATIENCE)

    def _until_open(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            machine = Machine(self.control, self.chain, 1)
            try:
                assert machine.ask("challenge").status == 200
            except OSError:
                assert process.poll() is None, (self.folder / "out").read_text()
                assert time.monotonic() < deadline, (self.folder / "out").read_text()
                time.sleep(0.05)
            else:
                return
            finally:
                machine.close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="module")
def answering() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


TWISTD = (str(Path(sys.executable).parent / "twistd"), "-n", "--pidfile=", "webproxy-router")
RUN = (sys.executable, "-c", "from webproxy.router.command import main; main(prog_name='webproxy-router')", "run")


@pytest.mark.parametrize(
    "program", [TWISTD, (TWISTD[0], "--reactor", "epoll", *TWISTD[1:]), RUN], ids=["twistd", "epoll", "run"]
)
def test_it_serves_until_sigterm(program: tuple[str, ...], place: Place, answering: int) -> None:
    with place.started(*program) as process:
        machine = Machine(place.control, place.chain, answering)
        assert machine.does("register", "app").status == 200
        machine.close()
        process.terminate()
        assert process.wait(PATIENCE) == -signal.SIGTERM  # as twistd ends
    told = (place.folder / "out").read_text()
    assert f"https://*.{DOMAIN} on port {place.port}" in told
    assert "Traceback" not in told


def test_a_second_router_is_told_who_has_the_folder(place: Place) -> None:
    with place.started(*TWISTD) as first:
        second = subprocess.run(
            [*TWISTD, *place.words],
            cwd=place.folder,
            env=with_modules(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert second.returncode == 1
        assert f"another router (pid {first.pid}) uses {place.folder / 'state'}" in second.stderr
        assert len(second.stderr.splitlines()) == 1


def test_killed_at_any_moment_it_loses_nothing_that_it_promised(place: Place, answering: int) -> None:
    assert kill(place, answering, ROUNDS) >= ROUNDS


def kill(place: Place, answering: int, rounds: int) -> int:
    """Kill a router in the middle of registrations, again and again; give how many names were promised, all kept."""
    promised: dict[bytes, str] = {}
    for turn in range(rounds):
        with place.started(*TWISTD) as process:
            stop = threading.Event()
            threads = [
                threading.Thread(target=_registers, args=(place, answering, f"127.0.0.{each + 1}", promised, stop))
                for each in range(3)
            ]
            for thread in threads:
                thread.start()
            time.sleep(0.3 + 0.05 * (turn % 5))
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
            stop.set()
            for thread in threads:
                thread.join()
        store = Store(place.folder / "state" / STORE)
        kept = {name.machine: name.name for name in store.names()}
        store.close()
        assert {machine: kept.get(machine) for machine in promised} == promised
    return len(promised)


def _registers(place: Place, port: int, source: str, promised: dict[bytes, str], stop: threading.Event) -> None:
    """Register one machine after the other, until the router is gone."""
    while not stop.is_set():
        machine = Machine(place.control, place.chain, port, source=source)
        try:
            told = machine.does("register", "app")
        except Exception:  # noqa: BLE001 - it was killed in the middle
            return
        finally:
            machine.close()
        if told.status == 200:
            promised[machine.key.public_key().public_bytes_raw()] = told.said["name"]
