"""Socket activation and sd_notify with real processes: the socket outlives them, and they say how they are."""

from __future__ import annotations

import os
import signal
import sys
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.integration.supervisor import RUN, Supervisor
from tests.integration.test_start import internal

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["internal"]

pytestmark = pytest.mark.skipif(
    os.environ.get("WEBPROXY_TEST_REACTOR") == "epoll", reason="these processes choose their reactors themselves"
)

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
