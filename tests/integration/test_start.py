"""Starting and stopping real ``twistd`` and ``webproxy`` processes: who serves, who refuses, what is left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.judged import once_each
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

BIN = Path(sys.executable).parent
TWISTD = (str(BIN / "twistd"),)
FOREGROUND = (*TWISTD, "-n", "webproxy")
DAEMON = (*TWISTD, "--pidfile=a.pid", "--logfile=a.log", "webproxy")
RUN = (sys.executable, "-c", "from webproxy.cli.main import main; main(prog_name='webproxy')", "run")

PATIENCE = 60.0
NOT_UP = "127.0.0.1:9"

pytestmark = once_each


class Greeting(BaseHTTPRequestHandler):
    """The internal service: greets, and keeps its connection."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def internal() -> Iterator[str]:
    """Where a service listens."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Greeting) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    return free_port()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A working directory; whoever still runs in it at the end is stopped."""
    yield tmp_path
    for pidfile in tmp_path.glob("*.pid"):
        os.kill(int(pidfile.read_text()), signal.SIGKILL)


def environment() -> dict[str, str]:
    return with_modules()


def finish(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def get(port: int, times: int = 1) -> list[bytes]:
    """Ask for the greeting, again and again on one connection, once somebody listens."""
    deadline = time.monotonic() + PATIENCE
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.connect()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, "nobody listens"
            time.sleep(0.02)
        else:
            break
    bodies = []
    for _ in range(times):
        connection.request("GET", "/")
        bodies.append(connection.getresponse().read())
    connection.close()
    return bodies


def gone(pid: int) -> bool:
    """Wait until a process that is not our child has ended."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":  # nobody but a container's first process could reap it
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("command", "reactor"),
    [
        (FOREGROUND, "webproxy.net.reactor.NativeReactor"),
        ((*TWISTD, "--reactor", "epoll", "-n", "webproxy"), "twisted.internet.epollreactor.EPollReactor"),
        (RUN, "webproxy.net.reactor.NativeReactor"),
    ],
    ids=["twistd", "twistd-epoll", "run"],
)
def test_serves_in_the_foreground_until_sigterm(
    command: tuple[str, ...], reactor: str, folder: Path, internal: str, port: int
) -> None:
    with subprocess.Popen(
        [*command, "--internal", internal, "--port", str(port)],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        try:
            assert get(port, 3) == [b"hello"] * 3
            assert [path.name for path in folder.iterdir()] == ([] if command is RUN else ["twistd.pid"])
            child.terminate()
            out, err = child.communicate(timeout=PATIENCE)
        finally:
            child.kill()
    assert child.returncode == -signal.SIGTERM
    assert f"forwards to  {internal}, which is up" in out
    assert out.count("forwards to") == 1
    assert f"reactor class: {reactor}." in out
    assert out.count('"GET / HTTP/1.1" 200') == 3
    assert "Traceback" not in out
    assert err == ""
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("reactor", [(), ("--reactor", "epoll")], ids=["uvloop", "epoll"])
def test_serves_in_the_background_under_load_until_sigterm(
    reactor: tuple[str, ...], folder: Path, internal: str, port: int
) -> None:
    command = (TWISTD[0], *reactor, *DAEMON[1:])
    started = finish(folder, *command, "--internal", internal, "--port", str(port), "--access-log", "access.log")
    assert (started.returncode, started.stderr) == (0, "")
    assert f"forwards to  {internal}, which is up" in started.stdout
    pid = int((folder / "a.pid").read_text())
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(get, [port] * 32, [20] * 32))
    assert answers == [[b"hello"] * 20] * 32
    os.kill(pid, signal.SIGTERM)
    assert gone(pid)
    log = (folder / "a.log").read_text()
    assert f"forwards to  {internal}, which is up" in log
    assert "Server Shut Down" in log
    assert "Traceback" not in log
    assert len((folder / "access.log").read_text().splitlines()) == 32 * 20
    assert sorted(path.name for path in folder.iterdir()) == ["a.log", "access.log"]


@pytest.mark.parametrize("command", [FOREGROUND, DAEMON, RUN], ids=["foreground", "daemon", "run"])
def test_a_port_in_use_is_told_with_its_owner(command: tuple[str, ...], folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = finish(folder, *command, "--internal", NOT_UP, "--port", str(port))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert f"port {port} is in use by " in ended.stderr
    assert f"(pid {os.getpid()})" in ended.stderr
    assert ended.stderr.startswith("webproxy: ")
    assert len(ended.stderr.splitlines()) == 1
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("command", [FOREGROUND, DAEMON], ids=["foreground", "daemon"])
def test_a_log_that_cannot_be_opened(command: tuple[str, ...], folder: Path, port: int) -> None:
    """A named pipe that nobody reads: it looks like a file until it is opened."""
    os.mkfifo(folder / "access.log")
    ended = finish(folder, *command, "--internal", NOT_UP, "--port", str(port), "--access-log", "access.log")
    assert ended.returncode == 1
    assert "the access log " in ended.stderr
    assert "Traceback" not in ended.stderr + ended.stdout
    assert not list(folder.glob("*.pid"))
    if command is FOREGROUND:
        assert len(ended.stderr.splitlines()) == 1
    else:
        log = (folder / "a.log").read_text()
        assert "cannot be opened: No such device or address; choose with --access-log" in log
        assert "Traceback" not in log


@pytest.mark.parametrize("command", [FOREGROUND, DAEMON, RUN], ids=["foreground", "daemon", "run"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--internal 8080 --port 443", "--port: the router owns 443; TLS is its job; choose another port"),
        ("--internal 8080 --prot 12345", "--prot: there is no such option; did you mean --port?"),
        ("--internal 8080 --port 12345 --cert a.pem", "--cert: webproxy takes no certificate"),
        ("--internal 8080 --port 8080", "--internal: 127.0.0.1:8080 is the address that webproxy itself would open"),
        ("--internal 8080 --port 12345 --access-log no/where.log", "--access-log: the folder "),
        ("--internal 8080 --port 12345 -n", "-n: this is an option of twistd"),
    ],
)
def test_wrong_settings_are_one_sentence(command: tuple[str, ...], words: str, sentence: str, folder: Path) -> None:
    ended = finish(folder, *command, *words.split())
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"webproxy: {sentence}")
    assert len(ended.stderr.splitlines()) == 1
    assert list(folder.iterdir()) == []


def test_help_of_the_subcommand(folder: Path) -> None:
    ended = finish(folder, *TWISTD, "webproxy", "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "Usage: twistd [options] webproxy --internal 8080 --port 12345 [options]" in ended.stdout
