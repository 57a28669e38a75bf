"""WebSockets in numbers: thousands that say nothing for minutes, and thousands that come and go.

The service is the bench's, which answers each message with one of the same size; the proxy is a process of its own,
whose memory and descriptors the kernel tells.
"""

from __future__ import annotations

import contextlib
import resource
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.load.sockets import REQUEST
from bench.upstream.sockets import MASK, frame
from tests.integration.programs import listening, proxied

if TYPE_CHECKING:
    from collections.abc import Iterator

SOCKETS = 5000
MINUTES = 3
CYCLES = 10_000
SIZE = 64
KIB = {"tunnel": 12.0, "frames": 40.0}

SERVICE = "import sys; from bench.upstream.sockets import serve; import uvloop; uvloop.run(serve(int(sys.argv[1])))"


@pytest.fixture(autouse=True)
def many_descriptors() -> Iterator[None]:
    """As many descriptors as we may have; both programs inherit it."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (before[1], before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def process_of(port: int) -> int:
    """Who listens on a port: found by its command line, whose last word it is."""
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdecimal() and (entry / "cmdline").read_bytes().endswith(b"--port\0%d\0" % port):
                return int(entry.name)
    raise AssertionError(f"nobody serves {port}")


def resident_kib(pid: int) -> int:
    """Its memory, without what it shares."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Private_"))


def descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def opened(port: int) -> socket.socket:
    """A WebSocket that has its 101."""
    sock = socket.create_connection(("127.0.0.1", port), 30)
    sock.sendall(REQUEST % SIZE)
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = sock.recv(1024)
        assert piece, head
        head += piece
    assert head.startswith(b"HTTP/1.1 101 ")
    return sock


def round_trip(sock: socket.socket) -> None:
    sock.sendall(frame(SIZE, MASK))
    answer, wanted = b"", len(frame(SIZE))
    while len(answer) < wanted:
        piece = sock.recv(wanted - len(answer))
        assert piece, "it was closed"
        answer += piece


@pytest.mark.parametrize("mode", ["tunnel", "frames"])
def test_thousands_that_say_nothing_stay_and_weigh_little(mode: str) -> None:
    with listening("-c", SERVICE) as service, proxied(service, "--websocket", mode) as port:
        pid = process_of(port)
        for _ in range(50):  # what is made once is not theirs
            opened(port).close()
        time.sleep(1)
        before = resident_kib(pid)
        sockets = [opened(port) for _ in range(SOCKETS)]
        time.sleep(1)
        each = (resident_kib(pid) - before) / SOCKETS
        print(f"{mode}: {each:.1f} KiB each")  # noqa: T201 - a figure for the note
        time.sleep(60 * MINUTES)
        for sock in sockets:
            round_trip(sock)
            sock.close()
        assert each <= KIB[mode]


@pytest.mark.parametrize("mode", ["tunnel", "frames"])
def test_thousands_that_come_and_go_leave_nothing(mode: str) -> None:
    with listening("-c", SERVICE) as service, proxied(service, "--websocket", mode) as port:
        pid = process_of(port)

        def cycles(count: int) -> None:
            for number in range(count):
                sock = opened(port)
                if number % 2:
                    round_trip(sock)
                sock.close()
            time.sleep(2)

        cycles(1000)
        number, memory = descriptors(pid), resident_kib(pid)
        cycles(CYCLES)
        grown = resident_kib(pid) - memory
        print(f"{mode}: {grown} KiB after {CYCLES} cycles")  # noqa: T201 - a figure for the note
        assert descriptors(pid) <= number + 2
        assert grown < 2048
