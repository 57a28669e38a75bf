"""The demo service as the program that users start, over real sockets."""

from __future__ import annotations

import hashlib
import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 2**20
PROGRAM = (sys.executable, "-m", "webproxy.demo")


class Program:
    """``python -m webproxy.demo`` on a free port."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [*PROGRAM, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        self.banner = self.process.stdout.readline()
        self.port = int(self.banner.split("127.0.0.1:")[1].split("/")[0])

    def connect(self) -> http.client.HTTPConnection:
        """A connection of one's own."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, target: str) -> Any:
        """The JSON at a path."""
        connection = self.connect()
        connection.request("GET", target)
        with connection.getresponse() as response:
            answer = json.load(response)
        connection.close()
        return answer

    def stats_become(self, kind: str, **expected: int) -> None:
        """Wait until the tally of a kind is as expected."""
        deadline = time.monotonic() + 10
        while self.get("/stats")[kind] != expected:
            assert time.monotonic() < deadline, (expected, self.get("/stats"))
            time.sleep(0.01)

    @property
    def peak(self) -> int:
        """Bytes of memory that it had at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return 1024 * int(status.split("VmHWM:")[1].split()[0])

    def files(self) -> list[str]:
        """The regular files that it has open."""
        links = [str(link.readlink()) for link in Path(f"/proc/{self.process.pid}/fd").iterdir()]
        return [link for link in links if link.startswith("/") and not link.startswith("/dev/")]

    def end(self) -> tuple[int, str]:
        """Ask it to stop; its exit status and what it had to complain of."""
        self.process.send_signal(signal.SIGTERM)
        _, complaints = self.process.communicate(timeout=20)
        return self.process.returncode, complaints


@pytest.fixture(scope="module")
def program() -> Iterator[Program]:
    program = Program()
    yield program
    assert program.end() == (0, "")


def test_says_where_it_is(program: Program) -> None:
    assert program.banner == f"webproxy demo: http://127.0.0.1:{program.port}/ (Ctrl-C stops it)\n"


def test_who_leaves_a_stream_ends_it(program: Program) -> None:
    left = program.get("/stats")["streams"]
    connection = program.connect()
    connection.request("POST", "/api/generate?interval=0.01&count=100000", b"{}")
    response = connection.getresponse()
    assert b"You" not in response.readline()
    program.stats_become("streams", running=1, finished=left["finished"], left=left["left"])
    response.close()
    connection.close()
    program.stats_become("streams", running=0, finished=left["finished"], left=left["left"] + 1)


def test_events_50_ms_apart_arrive_50_ms_apart(program: Program) -> None:
    connection = program.connect()
    connection.request("GET", "/events?count=20&interval=0.05")
    times = []
    with connection.getresponse() as response:
        while line := response.readline():
            if line.startswith(b"id:"):
                times.append(time.monotonic())
    connection.close()
    assert len(times) == 20
    assert times[-1] - times[0] > 0.9 * 19 * 0.05


def test_a_download_and_an_upload_cost_no_memory_and_no_file(program: Program) -> None:
    size = 256 * MIB
    before = program.peak
    connection = program.connect()
    connection.request("GET", f"/download?size={size}")
    sha256 = hashlib.sha256()
    with connection.getresponse() as response:
        while data := response.read(MIB):
            sha256.update(data)
    assert sha256.hexdigest() == program.get(f"/download/sha256?size={size}")["sha256"]
    upload, files = hashlib.sha256(), None
    connection.putrequest("PUT", "/upload")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    for number in range(size // MIB):
        piece = bytes([number]) * MIB
        upload.update(piece)
        connection.send(piece)
        files = program.files() if number == 128 else files
    told = json.load(connection.getresponse())
    connection.close()
    assert (told["bytes"], told["sha256"]) == (size, upload.hexdigest())
    assert files == []
    assert program.peak - before < 16 * MIB


def test_a_download_is_put_together_from_parts(program: Program) -> None:
    target, size = "/download?size=1000000", 1_000_000
    connection = program.connect()
    parts, etag = [], None
    for first in range(0, size, 300_000):
        fields = {"Range": f"bytes={first}-{first + 299_999}", **({"If-Range": etag} if etag else {})}
        connection.request("GET", target, headers=fields)
        with connection.getresponse() as response:
            assert response.status == 206
            etag = response.headers["ETag"]
            parts.append(response.read())
    connection.close()
    assert hashlib.sha256(b"".join(parts)).hexdigest() == program.get(f"/download/sha256?size={size}")["sha256"]


def test_who_leaves_an_upload_is_counted(program: Program) -> None:
    before = program.get("/stats")["bodies"]
    client = socket.create_connection(("127.0.0.1", program.port))
    client.sendall(b"PUT /upload HTTP/1.1\r\nHost: demo\r\nContent-Length: 1000\r\n\r\nsome")
    program.stats_become("bodies", running=1, finished=before["finished"], left=before["left"])
    client.close()
    program.stats_become("bodies", running=0, finished=before["finished"], left=before["left"] + 1)


def test_a_client_who_reads_slowly_costs_no_memory(program: Program) -> None:
    before, generated = program.peak, program.get("/stats")["pieces"]
    client = socket.create_connection(("127.0.0.1", program.port))
    client.sendall(b"GET /events?count=1000000&interval=0 HTTP/1.1\r\nHost: demo\r\n\r\n")
    time.sleep(0.5)
    assert program.get("/stats")["pieces"] - generated < 500_000
    client.close()
    assert program.peak - before < 16 * MIB


@pytest.mark.parametrize(
    ("options", "status", "sentence"),
    [
        (["--port=http"], 2, "webproxy demo: --port: 'http' is not a port; a number from 0 to 65535 would be right\n"),
        (["--prot=1"], 2, "webproxy demo: options: unrecognized arguments: --prot=1\n"),
        (["--port"], 2, "webproxy demo: options: argument --port: expected one argument\n"),
    ],
)
def test_a_wrong_option_is_one_sentence(options: list[str], status: int, sentence: str) -> None:
    ended = subprocess.run([*PROGRAM, *options], capture_output=True, text=True, check=False, timeout=30)
    assert (ended.returncode, ended.stdout, ended.stderr) == (status, "", sentence)


def test_a_taken_port_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        options = [f"--port={port}"]
        ended = subprocess.run([*PROGRAM, *options], capture_output=True, text=True, check=False, timeout=30)
    why = f"cannot listen on 127.0.0.1 port {port}: Address already in use; choose another --port or --address"
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, "", f"webproxy demo: {why}\n")


def test_an_ipv6_address_stands_in_brackets() -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").read_text():
        pytest.skip("this machine has no IPv6")
    program = subprocess.Popen([*PROGRAM, "--port=0", "--address=::1"], stdout=subprocess.PIPE, text=True)
    assert program.stdout
    assert program.stdout.readline().startswith("webproxy demo: http://[::1]:")
    program.send_signal(signal.SIGTERM)
    program.communicate(timeout=20)
