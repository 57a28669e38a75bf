"""What lasts: a service that streams and echoes for as long as the test lets it, and clients that notice a cut."""

from __future__ import annotations

import socket
from base64 import b64encode
from hashlib import sha1
from http.server import BaseHTTPRequestHandler
from threading import Event

from tests.integration.supervisor import PATIENCE

EVENT = b"data: tick\n\n"

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


class Service(BaseHTTPRequestHandler):
    """The internal service: answers posts at once, and streams for as long as the test lets it."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    end = Event()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def do_GET(self) -> None:
        if self.headers["Upgrade"]:
            self._echo()
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        while not self.end.wait(0.02):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(EVENT), EVENT))
        self.wfile.write(b"0\r\n\r\n")

    def _echo(self) -> None:
        """Accept a WebSocket, and say again what comes."""
        key = self.headers["Sec-WebSocket-Key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 §4.2.2
        self.send_response(101)
        self.send_header("Connection", "Upgrade")
        self.send_header("Upgrade", "websocket")
        self.send_header("Sec-WebSocket-Accept", b64encode(sha1(key.encode()).digest()).decode())
        self.end_headers()
        self.close_connection = True
        while data := self.connection.recv(1000):
            self.connection.sendall(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""


class Stream:
    """A client that reads a stream of events."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.sendall(b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
        self.received = b""
        self.more(3)

    def more(self, events: int) -> None:
        wanted = self.received.count(EVENT) + events
        while self.received.count(EVENT) < wanted:
            data = self.sock.recv(65536)
            assert data, f"the stream was cut: {self.received[-200:]!r}"
            self.received += data

    def to_its_end(self) -> bytes:
        """Read to the last chunk, and leave: the answer began before anybody knew that it would be the last."""
        while not self.received.endswith(b"0\r\n\r\n"):
            data = self.sock.recv(65536)
            assert data, f"the stream was cut: {self.received[-200:]!r}"
            self.received += data
        self.sock.close()
        return self.received


class WebSocket:
    """A client whose every frame comes back."""

    def __init__(self, port: int) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self.sock.sendall(HANDSHAKE)
        answer = b""
        while b"\r\n\r\n" not in answer:
            data = self.sock.recv(1000)
            assert data, answer
            answer += data
        assert answer.startswith(b"HTTP/1.1 101 "), answer

    def echoes(self) -> None:
        frame = b"\x81\x85\0\0\0\0hello"
        self.sock.sendall(frame)
        heard = b""
        while len(heard) < len(frame):
            data = self.sock.recv(1000)
            assert data, f"the WebSocket was cut: {heard!r}"
            heard += data
        assert heard == frame
