"""An upgrade under load: the installed version takes the socket, the one before ends when its streams have ended.

Real wheels of two versions, in an environment of their own; real processes, with a supervisor that hears what systemd
would.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from base64 import b64encode
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.own_environment import OwnEnvironment, wheel
from tests.integration.steady import SteadyLoad
from tests.integration.supervisor import PATIENCE, Supervisor
from webproxy.net.destination import Tcp
from webproxy.observe.admin_client import AdminClient

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    os.environ.get("WEBPROXY_TEST_REACTOR") == "epoll", reason="these processes choose their reactors themselves"
)

EVENT = b"data: tick\n\n"

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Service(BaseHTTPRequestHandler):
    """The internal service: answers posts at once, and streams for as long as the test lets it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    end = Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def do_GET(self) -> None:
        if self.headers["Upgrade"]:
            self._echo()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.end.wait(0.02):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(EVENT), EVENT))
        self.wfile.write(b"0\r\n\r\n")

    def _echo(self) -> None:
        """Accept a WebSocket, and say again what comes."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §4.2.2
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "websocket")
        self.send_header("Sec-WebSocket-Accept", b64encode(sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while data := self.connection.recv(1000):
            self.connection.sendall(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""


@pytest.fixture
def service() -> Iterator[str]:
    """Where the internal service listens."""
    Service.end = Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield f"127.0.0.1:{server.server_port}"
        Service.end.set()
        server.shutdown()
        serving.join()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two versions."""
    folder = tmp_path_factory.mktemp("wheels")
    return {version: wheel(folder, version) for version in ("90.1", "90.2")}


@pytest.fixture
def environment(tmp_path: Path, wheels: dict[str, Path]) -> OwnEnvironment:
    """An environment with the first version."""
    environment = OwnEnvironment(tmp_path, webproxy=False)
    environment.install(wheels["90.1"])
    return environment


class Stream:
    """A client that reads a stream of events."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.sendall(b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
        self.received = b""
        self.more(3)

    def more(self, events: int) -> None:
        wanted = self.received.count(EVENT) + events
        while self.received.count(EVENT) < wanted:
            data = self.sock.recv(65536)
            assert data, f"the stream was cut: {self.received[-200:]!r}"
            self.received += data

    def to_its_end(self) -> bytes:
        while data := self.sock.recv(65536):
            self.received += data
        self.sock.close()
        return self.received


class WebSocket:
    """A client whose every frame comes back."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.sendall(HANDSHAKE)
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = self.sock.recv(1000)
            assert data, answer
            answer += data
        assert answer.startswith(b"HTTP/1.1 101 "), answer

    def echoes(self) -> None:
        frame = b"\x81\x85\0\0\0\0hello"
        self.sock.sendall(frame)
        heard = b""
        while len(heard) < len(frame):
            data = self.sock.recv(1000)
            assert data, f"the WebSocket was cut: {heard!r}"
            heard += data
        assert heard == frame


def start(systemd: Supervisor, environment: OwnEnvironment, reactor: str, *words: object) -> subprocess.Popen[bytes]:
    """Start the installed webproxy, and wait until it is ready."""
    command = [str(environment.webproxy), "run"]
    if reactor == "epoll":
        command = [str(environment.twistd), "--reactor", "epoll", "-n", "--pidfile=", "webproxy"]
    child = systemd.start(*words, command=command, PYTHONPATH="", WATCHDOG_USEC="2000000")
    systemd.hear("READY=1", child.pid)
    return child


def upgraded(systemd: Supervisor, child: subprocess.Popen[bytes]) -> int:
    """Have it reload, and wait until another process speaks; which one."""
    systemd.forget()
    child.send_signal(signal.SIGHUP)
    systemd.hear("RELOADING=1", child.pid)
    systemd.hear("MAINPID=", child.pid)
    (pid,) = {int(line.partition("=")[2]) for _, lines in systemd.said for line in lines if line.startswith("MAINPID=")}
    assert pid != child.pid
    assert systemd.lives(pid)
    systemd.hear("STATUS=", pid)
    systemd.hear("WATCHDOG=1", pid)
    return pid


@pytest.mark.parametrize("reactor", ["uvloop", "epoll"])
def test_an_upgrade_under_load_loses_nothing(
    reactor: str, tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    with Supervisor(tmp_path) as systemd:
        child = start(systemd, environment, reactor, "--internal", service, "--port", systemd.port)
        resting = socket.create_connection(("127.0.0.1", systemd.port), PATIENCE)
        stream, websocket = Stream(systemd.port), WebSocket(systemd.port)
        with SteadyLoad(systemd.port) as load:
            load.more(100)
            environment.install(wheels["90.2"])
            load.more(100)
            pid = upgraded(systemd, child)
            load.more(500)
            stream.more(10)
            websocket.echoes()
            assert child.poll() is None
            load.stop()
        assert load.losses == []
        resting.sendall(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
        last = b""
        while data := resting.recv(1000):
            last += data
        resting.close()
        assert last.startswith(b"HTTP/1.1 200 ")
        assert b"\r\nConnection: close\r\n" in last
        assert child.poll() is None
        systemd.forget()
        Service.end.set()
        assert stream.to_its_end().endswith(b"0\r\n\r\n")
        websocket.echoes()
        assert child.poll() is None
        websocket.sock.close()
        assert child.wait(PATIENCE) == 0
        systemd.hear("WATCHDOG=1", pid)
        assert {speaker for speaker, _ in systemd.said} == {pid}  # the old one must not say that the service stops
        os.kill(pid, signal.SIGTERM)
        systemd.hear("STOPPING=1", pid)
        systemd.ends(pid)
        log = systemd.log.read_text()
        assert "webproxy 90.1\n" in log
        assert "webproxy 90.2\n" in log
        assert "Traceback" not in log


def test_what_was_not_upgraded_reloads_in_place(tmp_path: Path, environment: OwnEnvironment, service: str) -> None:
    with Supervisor(tmp_path) as systemd:
        child = start(systemd, environment, "uvloop", "--internal", service, "--port", systemd.port)
        systemd.forget()
        child.send_signal(signal.SIGHUP)
        systemd.hear("READY=1", child.pid)
        systemd.hear(f"STATUS={service} -> {systemd.port}; reloaded: nothing changed", child.pid)


def test_a_version_that_does_not_come_up_changes_nothing(
    tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    with Supervisor(tmp_path) as systemd:
        file = tmp_path / f"{systemd.port}.toml"
        file.write_text(f'internal = "{service}"\n')
        child = start(systemd, environment, "uvloop", "--config", file)
        with SteadyLoad(systemd.port) as load:
            environment.install(wheels["90.2"])
            file.write_text("internal = 0\n")
            systemd.forget()
            child.send_signal(signal.SIGHUP)
            systemd.hear("READY=1", child.pid)
            told = "webproxy 90.2, which is installed now, did not come up, and this one serves on: it ended before"
            systemd.hear(f"STATUS={service} -> {systemd.port}; {told}", child.pid)
            load.more(100)
            file.write_text(f'internal = "{service}"\n')
            pid = upgraded(systemd, child)
            load.more(100)
            load.stop()
        assert load.losses == []
        assert child.wait(PATIENCE) == 0
        assert systemd.lives(pid)
        log = systemd.log.read_text()
        assert f"webproxy: {file}:1: internal: 0 is not a port" in log
        assert told in log


def test_the_admin_port_is_handed_on(
    tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    client = AdminClient(Tcp("127.0.0.1", int(place.rpartition(":")[2])), token.read_text())
    with Supervisor(tmp_path) as systemd:
        words = ("--internal", service, "--port", systemd.port, "--admin", place, "--admin-token-file", token)
        child = start(systemd, environment, "uvloop", *words)
        assert client.now()["version"] == "90.1"
        environment.install(wheels["90.2"])
        upgraded(systemd, child)
        assert client.now()["version"] == "90.2"
        assert child.wait(PATIENCE) == 0


def test_the_old_process_may_be_given_a_limit(
    tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    with Supervisor(tmp_path) as systemd:
        words = ("--internal", service, "--port", systemd.port, "--upgrade-drain", "1s")
        child = start(systemd, environment, "uvloop", *words)
        stream: Any = Stream(systemd.port)
        environment.install(wheels["90.2"])
        upgraded(systemd, child)
        begun = time.monotonic()
        with pytest.raises((AssertionError, ConnectionError)):
            stream.more(10_000)
        assert time.monotonic() - begun < 20
        stream.sock.close()
        assert child.wait(PATIENCE) == 0
