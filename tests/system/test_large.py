"""Large bodies as large as people have them, and ten thousand that end in every way there is. Takes minutes."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted

from tests.integration.rounds import play
from tests.integration.test_demo import Program
from tests.integration.test_demo_clients import twistd
from tests.modules import with_modules
from webproxy.demo.download import content, digest
from webproxy.net.pipe_pool import SIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

GIB = 1 << 30
ROUNDS = 10_000
SUSPENDED = 150.0
"""Seconds; the kernel's user timeout is 90, and it looks at ever longer intervals."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Webproxy in front of the demo service."""
    program = Program()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free: int = probe.getsockname()[1]
    with twistd("--internal", str(program.port), "--listen", "127.0.0.1", "--port", str(free)):
        yield free
    assert program.end() == (0, "")


def test_three_gib_down(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", f"/download?size={3 * GIB}")
    sha256 = hashlib.sha256()
    with connection.getresponse() as answer:
        while piece := answer.read(1 << 20):
            sha256.update(piece)
    assert sha256.hexdigest() == digest(3 * GIB)
    connection.request("GET", "/stats")
    assert connection.getresponse().status == 200, "the connection lives on"
    connection.close()


def test_three_gib_up(port: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    size = 3 * GIB
    connection.request("PUT", "/upload", content(0, size), {"Content-Length": str(size)})
    told = json.loads(connection.getresponse().read())
    assert (told["bytes"], told["sha256"]) == (size, digest(size))
    connection.close()


@pytest.mark.skipif(shutil.which("aria2c") is None, reason="aria2 is not installed")
def test_a_download_on_sixteen_connections(port: int, tmp_path: Path) -> None:
    size = GIB + 12_345
    url = f"http://127.0.0.1:{port}/download?size={size}"
    options = ["-x16", "-s16", "-k1M", "--file-allocation=none", f"--checksum=sha-256={digest(size)}"]
    subprocess.run(["aria2c", "-q", *options, "-d", tmp_path, "-o", "file", url], check=True, timeout=300)
    assert (tmp_path / "file").stat().st_size == size


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_client_that_is_suspended_gets_its_file_in_the_end(port: int, tmp_path: Path) -> None:
    """Its window stays shut for longer than TCP_USER_TIMEOUT, and for less than the limit of a download."""
    url, file = f"http://127.0.0.1:{port}/download?size={GIB}", tmp_path / "file"
    with subprocess.Popen(["curl", "-sS", "--limit-rate", "50M", "-o", file, url]) as client:
        time.sleep(2)
        client.send_signal(signal.SIGSTOP)
        time.sleep(SUSPENDED)
        client.send_signal(signal.SIGCONT)
        assert client.wait(120) == 0
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest(GIB)


TAKE_PIPES = """
import os
os.setgroups([]), os.setgid(65534), os.setuid(65534)
taken = [type(carrier).__name__ for carrier in map(lambda _: pool.take(), range(80))]
print(taken.count("Pipe"), taken.count("Copy"))
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming somebody else needs root")
def test_a_user_whose_pipes_are_used_up_copies() -> None:
    """64 MiB (fs.pipe-user-pages-soft) is what an unprivileged user may have, unless told otherwise."""
    allowed = int(Path("/proc/sys/fs/pipe-user-pages-soft").read_text()) * os.sysconf("SC_PAGE_SIZE") // SIZE
    made = "from webproxy.net.pipe_pool import PipePool\npool = PipePool(80)"
    environment = with_modules()
    command = [sys.executable, "-c", made + TAKE_PIPES]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    pipes, copies = map(int, done.stdout.split())
    assert (pipes + copies, pipes <= min(80, allowed)) == (80, True)
    assert pipes > 0


@pytest_twisted.ensureDeferred
async def test_nothing_leaks_in_ten_thousand_rounds(reactor: Any) -> None:
    assert await play(reactor, ROUNDS, 1) > ROUNDS / 4
