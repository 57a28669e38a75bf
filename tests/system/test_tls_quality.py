"""What scanners say of the router's TLS: testssl.sh has nothing above LOW, sslyze finds Mozilla's "intermediate"."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.integration.edge import DOMAIN
from tests.integration.router import CONTROL, Machine
from tests.integration.test_router_process import TWISTD, Answer, Place, Server
from tests.system.authority import issue
from tests.system.machine import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SSLYZE = ROOT / "build" / "scanner" / "bin" / "sslyze"
SOUND = {"OK", "INFO", "LOW"}
EXEMPT = {"cert_chain_of_trust", "cert_trust", "cert_revocation", "security_headers"}
"""What judges the test's authority, or what a machine answers."""
NOT_TRIED = {"engine_problem", "secure_renego"}
"""testssl.sh could not try these: GOST, and what it asks without a server name, which the router does not answer.
sslyze tries renegotiation with a name."""
ASKED = {"TLS1_3", "cipherlist_STRONG", "heartbleed", "ticketbleed", "ROBOT", "BREACH", "LUCKY13"}
"""Some of each kind; what testssl.sh says of forward secrecy has several names."""
PROGRAMS = {"uvloop": TWISTD, "epoll": (TWISTD[0], "--reactor", "epoll", *TWISTD[1:])}


class Speaks(Answer):
    """A machine: it takes the PROXY header, and answers in HTTP."""

    def setup(self) -> None:
        super().setup()
        head = self.rfile.read(16)
        self.rfile.read(int.from_bytes(head[14:], "big"))

    def do_GET(self) -> None:  # noqa: N802 - http.server's name
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")


def visited(port: int, name: str, trusted: Path) -> bytes:
    """Open a name as a browser does; what its machine answers."""
    context = ssl.create_default_context(cafile=str(trusted))
    with (
        socket.create_connection(("127.0.0.1", port), 30) as sock,
        context.wrap_socket(sock, server_hostname=name) as tls,
    ):
        tls.sendall(f"GET / HTTP/1.0\r\nHost: {name}\r\n\r\n".encode())
        answer = b""
        while piece := tls.recv(4096):
            answer += piece
    return answer.partition(b"\r\n\r\n")[2]


class Scanned(NamedTuple):
    """A router to look at.

    :ivar name: a name of its own.
    :ivar authority: file of who issued its certificate.
    """

    port: int
    name: str
    authority: Path


@contextlib.contextmanager
def running(folder: Path, program: str, kind: str) -> Iterator[Scanned]:
    """A router with a machine, that run meanwhile."""
    place = Place(folder)
    authority = issue(folder, kind, f"*.{DOMAIN}", CONTROL)
    with Server(("127.0.0.1", 0), Speaks) as server, place.started(*PROGRAMS[program]):
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        machine = Machine(place.control, place.chain, server.server_port)
        told = machine.does("register", "app")
        machine.close()
        try:
            yield Scanned(place.port, f"{told.said['name']}.{DOMAIN}", authority)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(params=[("uvloop", "ecdsa"), ("epoll", "rsa")], ids="-".join)
def scanned(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scanned]:
    with running(tmp_path, *request.param) as router:
        yield router


def test_testssl_finds_nothing_above_low(scanned: Scanned, tmp_path: Path) -> None:
    told = tmp_path / "testssl.json"
    words = ["testssl", "--quiet", "--color=0", "--warnings=batch", "--nodns=none", "--ip=127.0.0.1"]
    words += ["--protocols", "--std", "--server-defaults", "--fs", "--vulnerable", "--jsonfile", str(told)]
    words.append(f"{scanned.name}:{scanned.port}")
    ended = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    found = json.loads(told.read_text())
    seen = {one["id"] for one in found}
    assert seen >= ASKED, ended.stdout
    assert seen & {"FS", "PFS"}, ended.stdout
    bad = [
        (one["id"], one["severity"], one["finding"])
        for one in found
        if one["severity"] not in SOUND
        and one["id"].partition(" ")[0] not in EXEMPT
        and (one["id"], one["severity"]) not in {(name, "WARN") for name in NOT_TRIED}
    ]
    assert bad == [], ended.stdout


def test_sslyze_finds_mozilla_s_intermediate(scanned: Scanned) -> None:
    words = ["--mozilla_config", "intermediate", "--certinfo_ca_file", str(scanned.authority), "--sni", scanned.name]
    ended = subprocess.run(
        [str(SSLYZE), *words, f"127.0.0.1:{scanned.port}"], capture_output=True, text=True, timeout=300, check=False
    )
    assert f"127.0.0.1:{scanned.port}: OK - Compliant." in ended.stdout, ended.stdout
    assert ended.returncode == 0
    for line in ("Client Renegotiation DoS Attack:   OK", "Secure Renegotiation:              OK"):
        assert line in ended.stdout
