"""Services that behave as the real ones do where the doctor looks, each on a free loopback port in a thread."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import Iterator

TLS_RECORD = b"\x15\x03\x03\x00\x02\x02\x28"
"""A server that speaks TLS and does not like the handshake: fatal handshake_failure (RFC 8446 §6)."""


class Fake(BaseHTTPRequestHandler):
    """Answers everything with 200; subclasses are particular.

    :cvar pages: body by path.
    :cvar hosts: the only names it answers to; empty: all.
    :cvar origins: the only origins it answers to; empty: all.
    :cvar words: pieces of a generation.
    :cvar pause: seconds before each of them.
    :cvar buffered: whether they go out at the end, together.
    """

    protocol_version = "HTTP/1.1"
    pages: dict[str, bytes] = {}  # noqa: RUF012 - replaced, never changed
    hosts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    words = 5
    pause = 0.1
    buffered = False
    upgrades = False

    def refused(self) -> bool:
        host, origin = self.headers["Host"].partition(":")[0], self.headers.get("Origin", "")
        wrong_host = self.hosts and host not in self.hosts
        wrong_origin = self.origins and origin and origin.partition("://")[2].partition(":")[0] not in self.origins
        if wrong_host or wrong_origin:
            self.answer(403, b"")
            return True
        return False

    def do_GET(self) -> None:
        if self.refused():
            return
        if self.upgrades and self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.end_headers()
            self.close_connection = True
            return
        self.answer(200 if self.path in self.pages or not self.pages else 404, self.pages.get(self.path, b"hello"))

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Connection", "close")
        self.end_headers()
        held = b""
        for _ in range(self.words):
            time.sleep(self.pause)
            held += b"word "
            if not self.buffered:
                self.wfile.write(held)
                held = b""
        self.wfile.write(held)
        self.close_connection = True

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name
        pass


class Ollama(Fake):
    """Answers only to local names while it listens on loopback (server/routes.go, allowedHostsMiddleware)."""

    pages = {  # noqa: RUF012
        "/": b"Ollama is running",
        "/api/tags": json.dumps({"models": [{"name": "tiny"}]}).encode(),
    }
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1")


class OpenOllama(Ollama):
    """One that listens on all addresses, and so takes any name, but only its own origins (OLLAMA_ORIGINS)."""

    hosts = ()
    origins: tuple[str, ...] = ("localhost", "127.0.0.1")


class Vllm(Fake):
    """A server in the style of OpenAI."""

    pages = {  # noqa: RUF012
        "/version": b'{"version": "0.9"}',
        "/v1/models": b'{"object": "list", "data": [{"id": "tiny"}]}',
        "/": b"",
    }


class Buffering(Vllm):
    """One behind a gateway that collects its answer."""

    buffered = True


class Jupyter(Fake):
    """Knows its own name alone, and looks at Origin where it takes WebSockets."""

    pages = {"/api": b'{"version": "2.14.0"}', "/api/events/subscribe": b""}  # noqa: RUF012
    origins = ("localhost",)


class Comfy(Fake):
    """Takes WebSockets."""

    pages = {"/system_stats": b'{"system": {"comfyui_version": "0.3"}}', "/ws": b""}  # noqa: RUF012
    upgrades = True


@contextlib.contextmanager
def serving(fake: type[Fake], address: str = "127.0.0.1") -> Iterator[Tcp]:
    """Serve a fake; gives where."""
    server = ThreadingHTTPServer((address, 0), fake)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Tcp("127.0.0.1", server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def saying(words: bytes) -> Iterator[Tcp]:
    """Serve who says the same to everybody, and goes."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        over = threading.Event()

        def serve() -> None:
            while not over.is_set():
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(2)
                        connection.recv(65536)
                        connection.sendall(words)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield Tcp("127.0.0.1", listener.getsockname()[1])
        finally:
            over.set()
            thread.join()
