"""A program that runs beside the bench: started on its own CPU, watched while it is used, and gone at the end.

It leads a process group of its own, which is killed; should the bench itself be killed, the kernel ends it (setpriv(1),
``--pdeathsig``).
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from bench import certificate, login, procfs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

GRACE = 1.0  # seconds a program gets to end, its children included
START = 20.0  # seconds a program gets until it answers


class MeasurementError(Exception):
    """A program did not do its part; says which and how."""


class DisturbedError(Exception):
    """Other programs kept the bench from its own part; the proxy is not to blame, and nothing can be said of it."""


class Child:
    """A program, its port and its costs."""

    def __init__(
        self, name: str, process: subprocess.Popen[bytes], port: int, output: Path, *, secure: bool = False
    ) -> None:
        self.name = name
        self.process = process
        self.port = port
        self.output = output
        self.secure = secure

    def __repr__(self) -> str:
        return f"<Child {self.name} pid {self.process.pid} port {self.port}>"

    def alive(self) -> None:
        """Raise ``MeasurementError`` with the program's last words if it has ended."""
        status = self.process.poll()
        if status is not None:
            words = self.output.read_text(errors="replace").strip().rpartition("\n")[2]
            raise MeasurementError(f"{self.name} ended with status {status}, its last words: {words}")

    def wait_until_answering(self) -> None:
        """Wait until a GET gets its 200, through the proxy if it is one; the password is for those that ask for it."""
        until = time.monotonic() + START
        while True:
            self.alive()
            with suppress(OSError), self._connected() as sock:
                sock.sendall(b"GET / HTTP/1.1\r\nHost: bench\r\n%b\r\nConnection: close\r\n\r\n" % login.FIELD)
                if sock.recv(12) in {b"HTTP/1.1 200", b"HTTP/1.0 200"}:
                    return
            if time.monotonic() > until:
                raise MeasurementError(f"{self.name} did not answer with 200 within {START:.0f} s")
            time.sleep(0.02)

    def _connected(self) -> socket.socket:
        if self.secure:
            return certificate.dial(self.port, certificate.client())
        return socket.create_connection(("127.0.0.1", self.port), timeout=2)

    def cpu_seconds(self) -> float:
        return sum(map(procfs.cpu_seconds, procfs.tree(self.process.pid)))

    def resident_kib(self) -> int:
        return sum(map(procfs.resident_kib, procfs.tree(self.process.pid)))

    def peak_kib(self) -> int:
        return sum(map(procfs.peak_kib, procfs.tree(self.process.pid)))

    def forget_peak(self) -> None:
        for pid in procfs.tree(self.process.pid):
            procfs.forget_peak(pid)

    def stop(self) -> None:
        """End the whole process group, by force after ``GRACE``."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(
    name: str,
    argv: Sequence[str],
    port: int,
    cpus: Iterable[int],
    directory: Path,
    environment: Mapping[str, str],
    *,
    secure: bool = False,
) -> Iterator[Child]:
    """The program, on these CPUs, from the moment it answers; its output goes to a file in ``directory``.

    :param secure: it speaks TLS.
    """
    output = directory / f"{name}.out"
    guard = ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", ",".join(map(str, cpus))]
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*guard, *argv],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=directory,
            env={**os.environ, **environment},
            start_new_session=True,
        )
    child = Child(name, process, port, output, secure=secure)
    try:
        child.wait_until_answering()
        yield child
    finally:
        child.stop()
