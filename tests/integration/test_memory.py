"""Bodies pass through and leave nothing behind: the process's memory, while hundreds of mebibytes go by."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from bench.ports import free_port
from tests.modules import with_modules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1 << 20
SIZE = 256 * MIB
GROWTH = 16 * MIB
PIECE = bytes(MIB)
PATIENCE = 60.0


def resident(pid: int) -> int:
    """Bytes of memory that a process occupies."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def take(sock: socket.socket, amount: int, pace: float = 0.0) -> int:
    """Read ``amount`` bytes, a mebibyte at most every ``pace`` seconds; how many came."""
    buffer = bytearray(MIB)
    taken = 0
    while taken < amount:
        size = sock.recv_into(buffer, min(MIB, amount - taken))
        if not size:
            break
        taken += size
        time.sleep(pace * size / MIB)
    return taken


def give(sock: socket.socket, amount: int) -> None:
    """Send ``amount`` bytes, or as many as are wanted."""
    try:
        for _ in range(amount // MIB):
            sock.sendall(PIECE)
    except OSError:  # the test has seen enough
        pass


def head(sock: socket.socket) -> bool:
    """Read up to the end of a head, byte by byte, so that nothing of the body goes with it; whether there was one."""
    seen = b""
    while not seen.endswith(b"\r\n\r\n"):
        byte = sock.recv(1)
        if not byte:
            return False
        seen += byte
    return True


class Proxy:
    """A proxy in a process of its own, with the two ends of one exchange in this one.

    :param words: further options.
    """

    def __init__(self, *words: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._port = free_port()
        internal = self._listener.getsockname()[1]
        self._child = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "twistd"),
                "-n",
                "--pidfile=",
                "webproxy",
                "--access-log",
                "none",
                "--upstream-host",
                "preserve",
                "--internal",
                f"127.0.0.1:{internal}",
                "--port",
                str(self._port),
                *words,
            ],
            env=with_modules(),
            stdout=subprocess.DEVNULL,
        )

    def exchange(self, request: bytes) -> tuple[socket.socket, socket.socket]:
        """Send a request's head through; the client's end and upstream's end."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                client = socket.create_connection(("127.0.0.1", self._port), timeout=PATIENCE)
                break
            except ConnectionRefusedError:
                assert time.monotonic() < deadline, "the proxy does not come up"
                time.sleep(0.05)
        client.sendall(request)
        while True:
            upstream, _ = self._listener.accept()
            upstream.settimeout(PATIENCE)
            if head(upstream):
                return client, upstream
            upstream.close()  # the start looks whether somebody listens, and says nothing

    def growth(self, during: Callable[[], None]) -> int:
        """By how many bytes the process grew at most while ``during`` ran."""
        before = most = resident(self._child.pid)
        worker = Thread(target=during)
        worker.start()
        while worker.is_alive():
            most = max(most, resident(self._child.pid))
            worker.join(0.02)
        return most - before

    def close(self) -> None:
        self._listener.close()
        self._child.terminate()
        self._child.wait(PATIENCE)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """A proxy that has served once, so that what it needs for that is there."""
    proxy = Proxy()
    client, upstream = proxy.exchange(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
    upstream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (8 * MIB))
    sender = Thread(target=give, args=(upstream, 8 * MIB))
    sender.start()
    head(client)
    assert take(client, 8 * MIB) == 8 * MIB
    sender.join()
    client.close()
    upstream.close()  # so that the next exchange comes on a connection of its own
    yield proxy
    proxy.close()


PACES = pytest.mark.parametrize(("pace", "amount"), [(0.0, SIZE), (1.0, 4 * MIB)], ids=["full-speed", "1-MiB-a-second"])


@PACES
@pytest.mark.parametrize("framing", [b"Content-Length: %d" % SIZE, b"Connection: close"], ids=["length", "until-close"])
def test_a_download(proxy: Proxy, framing: bytes, pace: float, amount: int) -> None:
    client, upstream = proxy.exchange(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    with client, upstream:
        upstream.sendall(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
        head(client)
        sender = Thread(target=give, args=(upstream, SIZE))
        sender.start()
        taken = []
        assert proxy.growth(lambda: taken.append(take(client, amount, pace))) < GROWTH
        assert taken == [amount]
        client.close()
        sender.join()


@PACES
def test_an_upload(proxy: Proxy, pace: float, amount: int) -> None:
    client, upstream = proxy.exchange(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % SIZE)
    with client, upstream:
        sender = Thread(target=give, args=(client, SIZE))
        sender.start()
        taken = []
        assert proxy.growth(lambda: taken.append(take(upstream, amount, pace))) < GROWTH
        assert taken == [amount]
        upstream.close()
        sender.join()
