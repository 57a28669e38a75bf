"""Socket activation and sd_notify with real processes: the socket outlives them, and they say how they are."""

from __future__ import annotations

import signal
import socket
import sys
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.integration.supervisor import RUN, Supervisor
from tests.integration.test_start import internal
from tests.judged import once_each

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["internal"]

pytestmark = once_each

EPOLL = (
    sys.executable,
    "-c",
    "from twisted.scripts.twistd import run; run()",
    "--reactor",
    "epoll",
    "-n",
    "--pidfile=",
    "webproxy",
)
"""twistd of the source tree, on Twisted's own reactor."""


@pytest.mark.parametrize("command", [RUN, EPOLL], ids=["run", "twistd-epoll"])
def test_it_serves_the_socket_and_says_so(command: tuple[str, ...], tmp_path: Path, internal: str) -> None:
    with Supervisor(tmp_path) as systemd:
        child = systemd.start("--internal", internal, "--port", systemd.port, command=command, WATCHDOG_USEC="300000")
        assert systemd.hear("READY=1") == child.pid
        assert systemd.hear(f"STATUS={internal} -> {systemd.port}") == child.pid
        assert systemd.get()[1] == b"hello"
        systemd.forget()
        systemd.hear("WATCHDOG=1")
        systemd.forget()
        systemd.hear("WATCHDOG=1")
        child.terminate()
        systemd.hear("STOPPING=1")
        child.wait()
        assert not any("READY=1" in lines for _, lines in systemd.said)
        assert "Traceback" not in systemd.log.read_text()


def test_the_socket_takes_connections_while_nobody_serves_it(tmp_path: Path, internal: str) -> None:
    with Supervisor(tmp_path) as systemd:
        words = ("--internal", internal, "--port", systemd.port)
        first = systemd.start(*words)
        systemd.hear("READY=1", first.pid)
        first.send_signal(signal.SIGKILL)  # a crash
        first.wait()
        answers: list[bytes] = []
        asking = Thread(target=lambda: answers.append(systemd.get()[1]))
        asking.start()
        second = systemd.start(*words)
        systemd.hear("READY=1", second.pid)
        asking.join()
        assert answers == [b"hello"]


def test_one_socket_for_ipv4_and_ipv6(tmp_path: Path, internal: str) -> None:
    """As a unit binds it that says ListenStream=12345 alone: IPv4 clients have mapped addresses there."""
    with Supervisor(tmp_path) as systemd:
        for sock in systemd.sockets:
            sock.close()
        both = socket.socket(socket.AF_INET6)
        both.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        both.bind(("::", 0))
        both.listen()
        systemd.sockets, systemd.port = [both], both.getsockname()[1]
        child = systemd.start("--internal", internal, "--port", systemd.port, "--allow", "127.0.0.0/8")
        systemd.hear("READY=1", child.pid)
        assert systemd.get()[1] == b"hello"
        with socket.create_connection(("::1", systemd.port), 20) as client:
            client.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert b" 403 " in client.recv(1000)
        child.terminate()
        child.wait()
        assert "\n127.0.0.1 - " in systemd.log.read_text()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--port", "12345"), "has port {port}, the settings say 12345; let the socket unit and the settings say"),
        (("--port", "{port}", "--listen", "127.0.0.2"), "has address 127.0.0.1, the settings say 127.0.0.2; let"),
    ],
    ids=["port", "address"],
)
def test_a_socket_that_is_not_the_settings(
    words: tuple[str, ...], sentence: str, tmp_path: Path, internal: str
) -> None:
    with Supervisor(tmp_path) as systemd:
        child = systemd.start("--internal", internal, *(word.format(port=systemd.port) for word in words))
        assert child.wait() == 1
        (line,) = systemd.log.read_text().splitlines()
    assert line.startswith(f"webproxy: the socket that was handed down {sentence.format(port=systemd.port)}")
