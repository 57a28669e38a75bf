"""The settings that our how-to pages give for nginx, Caddy and HAProxy, in front of a real webproxy.

Each page's own text is started: only ports, addresses and paths of certificates are put in place of its examples.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest

from bench.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
RUN = (sys.executable, "-c", "from webproxy.cli.main import main; main()", "run")
NAME = "gpu.example.com"
PATIENCE = 20.0


class Echo(BaseHTTPRequestHandler):
    """The internal service: tells what it received; a WebSocket handshake is accepted, and the connection closed."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")  # of the key below
            self.end_headers()
            self.close_connection = True
            return
        told = json.dumps({name.lower(): value for name, value in self.headers.items()}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""


class Example(NamedTuple):
    """A page's settings for one program.

    :ivar language: of the block that holds them.
    :ivar command: how the program is started; ``{settings}`` is their file.
    :ivar around: what stands around the block in the program's main file.
    :ivar said: what of the page's commands starts the webproxy behind it.
    """

    page: str
    language: str
    command: str
    around: str
    said: str


STREAM = "/usr/lib/nginx/modules/ngx_stream_module.so"
NGINX = "daemon off; pid {folder}/pid; error_log stderr; events {{}} %s {{ access_log off; {block} }}"
EXAMPLES = {
    "nginx": Example(
        "behind-an-http-proxy", "nginx", "nginx -p {folder} -c {settings}", NGINX % "http", "--trust 127.0.0.1"
    ),
    "caddy": Example(
        "behind-an-http-proxy",
        "caddyfile",
        "caddy run --config {settings} --adapter caddyfile",
        "{{\n\tadmin off\n\tauto_https disable_redirects\n\tlocal_certs\n\tskip_install_trust\n}}\n{block}",
        "--trust 127.0.0.1",
    ),
    "haproxy": Example(
        "behind-a-layer-4-balancer", "haproxy", "haproxy -f {settings}", "{block}", "--proxy-protocol 10.0.0.5"
    ),
    "nginx stream": Example(
        "behind-a-layer-4-balancer",
        "nginx-stream",
        "nginx -p {folder} -c {settings}",
        f"load_module {STREAM}; " + NGINX.replace("access_log off; ", "") % "stream",
        "--public-url https://gpu.example.com",
    ),
}


def wait_for(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    pytest.fail(f"nothing listens on port {port}")


@contextlib.contextmanager
def started(command: list[str], folder: Path) -> Iterator[None]:
    """A program that ends with the test."""
    with (folder / "output").open("w") as output:
        env = {**os.environ, "HOME": str(folder)}
        process = subprocess.Popen(command, stdout=output, stderr=output, env=env)
        try:
            yield
        finally:
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture
def internal() -> Iterator[int]:
    """The port of the internal service."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield server.server_port
        server.shutdown()
        serving.join()


def certificate(folder: Path) -> None:
    """A certificate of our own making, its key, and both in one file."""
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -subj /CN={NAME} -keyout {NAME}.key -out {NAME}.pem"
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    both = (folder / f"{NAME}.pem").read_text() + (folder / f"{NAME}.key").read_text()
    (folder / f"{NAME}.both.pem").write_text(both)


def settings_of(example: Example, folder: Path, public: int, external: int) -> Path:
    """Write the page's block to a file, with what is particular to this test in it."""
    text = (HOW_TO / f"{example.page}.md").read_text()
    found = re.search(rf"^```{example.language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    block = found[1].replace("/etc/ssl/", f"{folder}/").replace("listen 443", f"listen 127.0.0.1:{public}")
    block = block.replace("bind :443", f"bind 127.0.0.1:{public}").replace(f"{NAME} {{", f"https://{NAME}:{public} {{")
    block = re.sub(r"(127\.0\.0\.1|10\.0\.0\.7):12345", f"127.0.0.1:{external}", block)
    path = folder / "settings"
    path.write_text(example.around.format(folder=folder, block=block))
    return path


def webproxy(example: Example, internal: int, external: int, public: int) -> list[str]:
    """Give the page's command that has ``said`` in it, with this test's ports and addresses."""
    text = (HOW_TO / f"{example.page}.md").read_text()
    line = next(line for line in re.findall(r"^\$ webproxy run (.+)", text, re.MULTILINE) if example.said in line)
    line = line.replace("8080", str(internal)).replace("12345", str(external)).replace("10.0.0.5", "127.0.0.1")
    line = line.replace(f"https://{NAME}", f"https://{NAME}:{public}")
    return [*RUN, *shlex.split(line), "--access-log", "none"]


def asked(public: int, *more: str) -> str:
    """Ask as a client on another address than everybody else, who tries to pass for a third."""
    url = f"https://{NAME}:{public}/"
    command = ["curl", "-sk", "-m", "10", "--interface", "127.0.0.2", "--resolve", f"{NAME}:{public}:127.0.0.1"]
    forged = ["-H", "X-Forwarded-For: 192.0.2.66", "-H", "X-Forwarded-User: root"]
    return subprocess.run([*command, *forged, *more, url], check=False, capture_output=True, text=True).stdout


HANDSHAKE = ("--http1.1", "-i", "-N", "-H", "Connection: Upgrade", "-H", "Upgrade: websocket")
KEY = ("-H", "Sec-WebSocket-Version: 13", "-H", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_what_the_page_says_works(example: Example, internal: int, tmp_path: Path) -> None:
    program = example.command.split()[0]
    if shutil.which(program) is None or (example.language == "nginx-stream" and not Path(STREAM).exists()):
        pytest.skip(f"{program} is not installed, or a part of it")
    public, external = free_port(), free_port()
    certificate(tmp_path)
    settings = settings_of(example, tmp_path, public, external)
    command = example.command.format(folder=tmp_path, settings=settings).split()
    (inside := tmp_path / "inside").mkdir()
    with started(webproxy(example, internal, external, public), inside), started(command, tmp_path):
        for port in (external, public):
            wait_for(port)
        received = json.loads(asked(public))
        upgraded = asked(public, *HANDSHAKE, *KEY)
    assert received["x-forwarded-for"].split(", ")[0] == "127.0.0.2"
    assert received["x-real-ip"] == "127.0.0.2"
    assert received["x-forwarded-proto"] == "https"
    assert received["x-forwarded-host"] in {NAME, f"{NAME}:{public}"}
    assert "192.0.2.66" not in str(received)
    assert upgraded.startswith("HTTP/1.1 101 ")
