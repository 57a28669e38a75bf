"""A proxy that runs, for tests over real sockets: a process of its own, started as users start it.

Rule of this file: words as on the command line, and what anybody can see from outside: a port, and a log.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from webproxy.testing.client import Client

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PATIENCE = 30.0
"""Seconds that a start or a stop may take on a busy machine."""

ADMIN = "admin"
OTHERWISE = (("--upstream-host", "preserve"), ("--drain", "0s"), ("--admin", f"unix:{{place}}/{ADMIN}"))
"""What is said of these options when the test says nothing."""

TWISTD = "from twisted.scripts.twistd import run; run()"


class Serving:
    """A proxy that runs.

    :ivar process: its number.
    :ivar port: where it listens, on 127.0.0.1.
    """

    def __init__(self, process: int, port: int, written: Path) -> None:
        self.process = process
        self.port = port
        self._written = written
        self._clients: list[Client] = []

    def __repr__(self) -> str:
        return f"<Serving on {self.port}>"

    def client(self, address: str = "127.0.0.1") -> Client:
        """Make a client; it is closed when the proxy stops.

        :param address: the client's own.
        """
        client = Client(self.port, address)
        self._clients.append(client)
        return client

    def desert(self) -> None:
        """Let all clients leave."""
        for client in self._clients:
            client.close()

    def reload(self) -> None:
        """Let it read its files again, and wait until it has said what came of that."""
        said = self.log().count("reload")
        os.kill(self.process, signal.SIGHUP)
        deadline = time.monotonic() + PATIENCE
        while self.log().count("reload") == said:
            assert time.monotonic() < deadline, self.log()  # noqa: S101 - for tests
            time.sleep(0.02)

    def metrics(self) -> dict[str, float]:
        """Ask for its metrics, as they are written: ``webproxy_policy_queue_waiting``, those with labels with them.

        It can be asked unless ``--admin`` is among the options.
        """
        asking = HTTPConnection("localhost", timeout=PATIENCE)
        with socket.socket(socket.AF_UNIX) as asking.sock:
            _connect(asking.sock, str(self._written.with_name(ADMIN)))
            asking.request("GET", "/metrics")
            answer = asking.getresponse()
            lines = answer.read().decode().splitlines()
        answer.close()
        read = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in read}

    def log(self) -> str:
        """Give what it has written so far: its access log, and everything else."""
        return self._written.read_text(errors="replace")


@contextmanager
def serving(
    internal: str, *options: str, policies: Mapping[str, str] | None = None, reactor: str = ""
) -> Iterator[Serving]:
    """Run ``twistd -n webproxy`` with the modules that this process finds, and stop it in the end.

    What reaches the service is what clients ask: it is not asked for its name, unless ``--upstream-host`` says so. The
    end waits for no exchange, unless ``--drain`` says so.

    :param internal: ``127.0.0.1:8080``, the service behind it.
    :param options: more words, ``"--policy", "queue:slots=2"``.
    :param policies: ``{"queue": "webproxy_queue:Queue"}``: entry points that need not be installed; what is installed
        under that name goes first.
    :param reactor: for ``twistd --reactor``.
    :raises AssertionError: it does not start, or does not stop; with what it has written.
    """
    with ExitStack() as resources:
        place = resources.enter_context(TemporaryDirectory(prefix="webproxy-testing-"))
        lent, written = Path(place, "lent"), Path(place, "written")
        _lend(lent, policies or {})
        port = _free_port()
        words = ["webproxy", "--internal", internal, "--port", str(port), "--listen", "127.0.0.1", *options]
        for option, value in OTHERWISE:
            words += [] if option in options else [option, value.format(place=place)]
        chosen = ["--reactor", reactor] if reactor else []
        told = resources.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        told.bind(f"{place}/ready")
        with written.open("wb") as out:
            child = subprocess.Popen(  # noqa: S603 - the words are the test's own
                [sys.executable, "-c", TWISTD, "-n", "--pidfile=", *chosen, *words],
                cwd=place,
                env={**_environment(lent), "NOTIFY_SOCKET": f"{place}/ready"},
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        made = Serving(child.pid, port, written)
        try:
            _await_start(child, made, told)
            yield made
            made.desert()
            child.terminate()
            code = child.wait(PATIENCE)
            assert code in {0, -signal.SIGTERM}, f"it ended with {code}:\n{made.log()}"  # noqa: S101 - for tests
        finally:
            made.desert()
            child.kill()
            child.wait()


def _lend(place: Path, policies: Mapping[str, str]) -> None:
    """Write the metadata that pip would have written for policies that are not installed."""
    there = {point.name for point in entry_points(group="webproxy.policies")}
    lines = [f"{name} = {value}" for name, value in policies.items() if name not in there]
    if not lines:
        return
    metadata = place / "policies_under_test-0.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: policies-under-test\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("\n".join(["[webproxy.policies]", *lines, ""]))


def _environment(lent: Path) -> dict[str, str]:
    """Give the variables: this process's modules, and no settings of this machine or its user."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEBPROXY_")}
    modules = os.pathsep.join([str(lent), *(str(Path(entry).absolute()) for entry in sys.path)])
    return {**kept, "PYTHONPATH": modules, "CONFIGURATION_DIRECTORY": str(lent)}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _connect(asking: socket.socket, path: str) -> None:
    """Connect, once somebody listens: the proxy takes clients a moment before it lets itself be watched."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            asking.connect(path)
        except (FileNotFoundError, ConnectionRefusedError):  # noqa: PERF203 - each turn is one attempt
            assert time.monotonic() < deadline, f"nobody listens at {path}"  # noqa: S101 - for tests
            time.sleep(0.02)
        else:
            return


def _await_start(child: subprocess.Popen[bytes], made: Serving, told: socket.socket) -> None:
    """Wait until it says that it is ready, as it says to systemd (sd_notify(3)): its port is open some time before."""
    deadline = time.monotonic() + PATIENCE
    told.settimeout(0.1)
    while True:
        assert child.poll() is None, f"it did not start:\n{made.log()}"  # noqa: S101 - for tests
        assert time.monotonic() < deadline, f"it is not ready:\n{made.log()}"  # noqa: S101 - for tests
        with suppress(TimeoutError):
            if b"READY=1" in told.recv(4096):
                return
