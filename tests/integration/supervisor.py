"""A supervisor like systemd: binds the socket, starts the process with it, and hears what it says of itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.connections import connections
from tests.modules import with_modules
from webproxy.net.listen import bind_tcp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from typing_extensions import Self

PATIENCE = 40.0

RUN = (sys.executable, "-c", "from webproxy.cli.main import main; main(prog_name='webproxy')", "run")
"""``webproxy run`` of the source tree."""

ACTIVATE = """
import os, sys
count = int(sys.argv[1])
for at in range(count):
    os.dup2(int(sys.argv[2 + at]), 3 + at)
os.environ.update(LISTEN_FDS=str(count), LISTEN_PID=str(os.getpid()), WATCHDOG_PID=str(os.getpid()))
os.execv(sys.argv[2 + count], sys.argv[2 + count:])
"""


class Supervisor:
    """What systemd would be.

    :param folder: for the notification socket and the log.
    :ivar said: what was heard: process id and assignments.
    """

    def __init__(self, folder: Path, addresses: Sequence[str] = ("127.0.0.1",)) -> None:
        self.folder = folder
        self.log = folder / "log"
        self.sockets = bind_tcp(0, addresses)
        self.port: int = self.sockets[0].getsockname()[1]
        self.hears = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.hears.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self.hears.bind(str(folder / "notify"))
        self.said: list[tuple[int, list[str]]] = []
        self.started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.listen(0.0)
        for pid in {pid for pid, _ in self.said}.difference(child.pid for child in self.started):
            if self.lives(pid):
                os.kill(pid, 9)
        for child in self.started:
            child.kill()
            child.wait()
        self.hears.close()
        for sock in self.sockets:
            sock.close()

    def start(self, *words: object, command: Sequence[str] = RUN, **variables: str) -> subprocess.Popen[bytes]:
        """Start the proxy with the socket."""
        environ = with_modules(NOTIFY_SOCKET=str(self.folder / "notify"), **variables)
        numbers = [str(sock.fileno()) for sock in self.sockets]
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "-c", ACTIVATE, str(len(numbers)), *numbers, *command, *map(str, words)],
                cwd=self.folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[sock.fileno() for sock in self.sockets],
            )
        self.started.append(child)
        return child

    def listen(self, seconds: float) -> None:
        """Hear what is said, for so long at most."""
        self.hears.settimeout(seconds)
        try:
            while True:
                data, credentials, _, _ = self.hears.recvmsg(4096, socket.CMSG_SPACE(12))
                pid = int.from_bytes(credentials[0][2][:4], sys.byteorder)
                self.said.append((pid, data.decode().split("\n")))
        except (TimeoutError, BlockingIOError):
            return

    def hear(self, assignment: str, pid: int | None = None) -> int:
        """Wait until somebody says so; who it was.

        :param assignment: how it begins.
        :param pid: who is to say it; None for anybody.
        """
        deadline = time.monotonic() + PATIENCE
        while True:
            for speaker, lines in self.said:
                if pid in (None, speaker) and any(line.startswith(assignment) for line in lines):
                    return speaker
            assert time.monotonic() < deadline, f"{assignment} not heard of {self.said}\n{self.log.read_text()}"
            self.listen(0.05)

    def forget(self) -> None:
        """Begin to hear anew."""
        self.listen(0.0)
        self.said.clear()

    @staticmethod
    def lives(pid: int) -> bool:
        """Tell whether a process runs."""
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except OSError:
            return False

    def ended(self, child: subprocess.Popen[bytes]) -> int:
        """Wait until what was started here has ended; its status."""
        try:
            return child.wait(PATIENCE)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"{child.pid} runs on: {connections(child.pid)}\n{self.log.read_text()}") from error

    def ends(self, pid: int) -> None:
        """Wait until a process has ended."""
        deadline = time.monotonic() + PATIENCE
        while self.lives(pid):
            assert time.monotonic() < deadline, f"{pid} runs on: {connections(pid)}\n{self.log.read_text()}"
            time.sleep(0.02)

    def get(self, path: str = "/", timeout: float = PATIENCE) -> Any:
        """Ask the proxy; its answer and the body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer, body
