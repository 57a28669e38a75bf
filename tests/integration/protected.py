"""``twistd -n webproxy`` with a password in front of a service, and everything that it tells anybody.

Rule of this file: the program as operators start it, with real files; what it sends upstream goes through a listening
wire, so that a test can look for what should not be there.
"""

from __future__ import annotations

import contextlib
import http.client
import secrets
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.ports import free_port
from tests.judged import REACTOR
from tests.modules import with_modules
from webproxy.access.keys import BITS, Key, digest_of, format_keys, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TWISTD = Path(sys.executable).with_name("twistd")
CHOSEN = ["--reactor=epoll"] if REACTOR == "epoll" else []
PATIENCE = 30.0

USER = "anna"
PASSWORD = "pässwörd å 🦊"
BASIC = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Wire:
    """A relay on a port of its own that keeps all bytes towards the service.

    :param internal: the service's port.
    """

    def __init__(self, internal: int) -> None:
        self.seen = bytearray()
        self.connections = 0
        self._internal = internal
        self._closed = False
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._socket.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def _accept(self) -> None:
        while True:
            client, _ = self._socket.accept()
            if self._closed:
                client.close()
                return
            self.connections += 1
            self._threads.append(threading.Thread(target=self._carry, args=(client,)))
            self._threads[-1].start()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._internal)) as service:
            answers = threading.Thread(target=self._pump, args=(service, client))
            answers.start()
            self._pump(client, service, self.seen)
            answers.join()

    def _pump(self, source: socket.socket, target: socket.socket, seen: bytearray | None = None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if seen is not None:
                    seen += data
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take no more connections; those that there are must have ended on one side."""
        self._closed = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(PATIENCE)
        self._socket.close()


class Protected(NamedTuple):
    """A proxy that asks for a password.

    :ivar port: where clients come in.
    :ivar process: the program.
    :ivar folder: of its files: ``access.log``, ``output`` (of both streams), ``keys``, ``admin.sock``.
    :ivar key: an API key that opens it.
    """

    port: int
    process: subprocess.Popen[bytes]
    folder: Path
    key: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def told(self) -> str:
        """Everything that it wrote."""
        return (self.folder / "output").read_text() + (self.folder / "access.log").read_text()

    def ask(self, target: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        """Ask once: status, fields in lower case, body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("GET", target, headers={name.replace("_", "-"): value for name, value in fields.items()})
        with connection.getresponse() as answer:
            body = answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def cookie(self) -> str:
        """Log in as a browser does, and give the session."""
        status, fields, _ = self.ask("/", Authorization=BASIC, Sec_Fetch_Mode="navigate", Accept="text/html")
        assert status == 200
        return fields["set-cookie"].partition(";")[0]


@contextlib.contextmanager
def protected(folder: Path, internal: int, *options: str, htpasswd: Path | None = None) -> Iterator[Protected]:
    """A proxy for ``anna``, or the users of a file, and for one key, from when it accepts connections on.

    :param options: more than those that it needs.
    """
    folder.mkdir(exist_ok=True)
    key = key_of(secrets.randbits(BITS))
    keys = folder / "keys"
    keys.write_bytes(format_keys([Key("laptop", digest_of(key))]))
    port = free_port()
    words = ["--internal", str(internal), "--port", str(port), "--listen", "127.0.0.1", "--drain", "1s"]
    words += ["--htpasswd", str(htpasswd)] if htpasswd else ["--user", USER, "--password-file", "-"]
    words += ["--keys", str(keys), "--access-log", str(folder / "access.log")]
    words += ["--admin", f"unix:{folder}/admin.sock", *options]
    output = folder / "output"
    process = start([str(TWISTD), "-n", "--pidfile=", *CHOSEN, "webproxy", *words], output)
    try:
        wait_until_open(process, port, output)
        yield Protected(port, process, folder, key.decode())
    finally:
        process.terminate()
        process.wait(PATIENCE)


def start(command: list[str], output: Path, **variables: str) -> subprocess.Popen[bytes]:
    """Start a program that gets the password on standard input."""
    environment = with_modules(**variables)
    with output.open("wb") as file:
        process = subprocess.Popen(
            command, cwd="/", env=environment, stdin=subprocess.PIPE, stdout=file, stderr=subprocess.STDOUT
        )
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(PASSWORD.encode())
    return process


def wait_until_open(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    """Wait until a program accepts connections."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        assert process.poll() is None, output.read_text()
        assert time.monotonic() < deadline
        time.sleep(0.02)
