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
from http.client import HTTPConnection
from http.server import ThreadingHTTPServer
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import bcrypt
import pytest

from bench.ports import free_port
from tests.integration.long_lived import Service, Stream, WebSocket
from tests.integration.own_environment import OwnEnvironment, wheel
from tests.integration.steady import SteadyLoad
from tests.integration.supervisor import PATIENCE, Supervisor
from tests.judged import once_each
from webproxy.net.destination import Tcp
from webproxy.observe.admin_client import AdminClient

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = once_each


BASIC = "Basic " + b64encode(b"anna:secret").decode()


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


def posted(port: int, fields: dict[str, str]) -> tuple[int, str]:
    """Post; the answer's status, and the cookie that comes with it."""
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    connection.request("POST", "/", body=b"x", headers=fields)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("Set-Cookie", "")


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
        assert systemd.ended(child) == 0
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
        assert systemd.ended(child) == 0
        assert systemd.lives(pid)
        log = systemd.log.read_text()
        assert f"webproxy: {file}:1: internal: 0 is not a port" in log
        assert told in log


def test_who_is_logged_in_stays_so(
    tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    users = tmp_path / "users"
    users.write_bytes(b"anna:" + bcrypt.hashpw(b"secret", bcrypt.gensalt(4)) + b"\n")
    with Supervisor(tmp_path) as systemd:
        words = ("--internal", service, "--port", systemd.port, "--htpasswd", users)
        child = start(systemd, environment, "uvloop", *words)
        assert posted(systemd.port, {})[0] == 401
        status, cookie = posted(systemd.port, {"Authorization": BASIC, "Accept": "text/html"})
        assert status == 200
        session = {"Cookie": cookie.partition(";")[0], "Sec-Fetch-Site": "same-origin"}
        assert posted(systemd.port, session)[0] == 200
        environment.install(wheels["90.2"])
        upgraded(systemd, child)
        assert systemd.ended(child) == 0
        assert posted(systemd.port, session)[0] == 200
        assert "secret" not in systemd.log.read_text()


def test_the_admin_port_is_handed_on(
    tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    token = tmp_path / "token"
    token.write_text("0123456789abcdef")
    place = f"127.0.0.1:{free_port()}"
    client = AdminClient(Tcp("127.0.0.1", int(place.rpartition(":")[2])), token.read_text())
    with Supervisor(tmp_path) as systemd:
        words = ("--internal", service, "--port", systemd.port, "--admin", place, "--admin-token-file", token)
        child = start(systemd, environment, "uvloop", *words)
        assert client.now()["version"] == "90.1"
        environment.install(wheels["90.2"])
        upgraded(systemd, child)
        assert client.now()["version"] == "90.2"
        assert systemd.ended(child) == 0


def test_a_stop_ends_the_old_process_too(
    tmp_path: Path, environment: OwnEnvironment, wheels: dict[str, Path], service: str
) -> None:
    with Supervisor(tmp_path) as systemd:
        child = start(systemd, environment, "uvloop", "--internal", service, "--port", systemd.port, "--drain", "500ms")
        stream = Stream(systemd.port)
        environment.install(wheels["90.2"])
        pid = upgraded(systemd, child)
        systemd.forget()
        child.terminate()  # as systemd does with every process of a unit
        os.kill(pid, signal.SIGTERM)
        assert systemd.ended(child) == -signal.SIGTERM
        systemd.ends(pid)
        with pytest.raises((AssertionError, ConnectionError)):
            stream.more(10_000)
        stream.sock.close()
        systemd.listen(0.0)
        assert [speaker for speaker, lines in systemd.said if "STOPPING=1" in lines] == [pid]
        assert "Traceback" not in systemd.log.read_text()
        assert "Unhandled" not in systemd.log.read_text()


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
        assert systemd.ended(child) == 0
