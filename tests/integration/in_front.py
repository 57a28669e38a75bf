"""An HTTPS server in front of an authority, or in its place: passes requests on, and answers some of them itself.

Pebble makes its addresses of the Host that it is asked for, so all of a conversation goes through here; what Debian's
knows nothing of (renewal information, profiles) is added here, and what goes wrong in life, too.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PATIENCE = 20


class Asked(NamedTuple):
    """A request.

    :ivar said: the payload of its signed body; ``None`` for none.
    """

    method: str
    path: str
    said: Any


class Given(NamedTuple):
    """An answer."""

    status: int
    said: Any
    fields: dict[str, str] = {}  # noqa: RUF012 - never changed


def problem(status: int, type_: str, detail: str, **fields: str) -> Given:
    said = {"type": f"urn:ietf:params:acme:error:{type_}", "detail": detail}
    return Given(status, said, {"Replay-Nonce": "bm9uY2U", **fields})


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that has heard enough."""


class InFront:
    """The server.

    :param behind: port of the authority; 0 for none.
    :ivar asked: what has been asked for.
    :ivar instead: answers a request; ``None`` to pass it on.
    :ivar more: what is added to the directory.
    """

    def __init__(self, certificate: Path, key: Path, behind: int = 0) -> None:
        self.behind = behind
        self.ca = certificate
        self.asked: list[Asked] = []
        self.instead: Callable[[Asked], Given | None] = lambda _asked: None
        self.more: dict[str, Any] = {}
        self._made: list[str] = []
        front = self

        class Request(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
                """Keep the test's output clean."""

            def _answer(self) -> None:
                front.answer(self)

            do_GET = do_HEAD = do_POST = _answer  # noqa: N815 - http.server's names

        self._server = _Server(("127.0.0.1", 0), Request)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._server.server_port
        self.url = f"https://localhost:{self.port}"
        self.directory = f"{self.url}/dir"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        asked = Asked(request.command, request.path, _payload(body))
        self.asked.append(asked)
        given = self.instead(asked)
        if given is None and self.behind:
            given = self._passed_on(request, body)
        self._made += [asked.path] if given is not None and given.status == 201 else []
        given = given or Given(404, {"detail": "there is nothing here"})
        data = given.said if isinstance(given.said, bytes) else json.dumps(given.said).encode()
        request.send_response(given.status)
        for name, value in {
            "Content-Type": "application/json",
            **given.fields,
            "Content-Length": str(len(data)),
        }.items():
            request.send_header(name, value)
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(data)

    def _passed_on(self, request: BaseHTTPRequestHandler, body: bytes) -> Given:
        context = ssl.create_default_context(cafile=str(self.ca))
        connection = http.client.HTTPSConnection("localhost", self.behind, timeout=PATIENCE, context=context)
        fields = {name: value for name, value in request.headers.items() if name.lower() != "connection"}
        with contextlib.closing(connection):
            connection.request(request.command, request.path, body or None, fields)
            answer = connection.getresponse()
            said: Any = answer.read()
        if request.path == "/dir":
            said = {**json.loads(said), **self.more}
        kept = {name: value for name, value in answer.getheaders() if name.lower() in _KEPT}
        return Given(answer.status, said, kept)

    def posted(self, path: str) -> list[Any]:
        """Give what has been posted to a path."""
        return [asked.said for asked in self.asked if (asked.method, asked.path) == ("POST", path)]

    def made(self, path: str) -> int:
        """Count what has been made at a path."""
        return self._made.count(path)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


_KEPT = {"replay-nonce", "location", "content-type", "link", "retry-after"}


def _payload(body: bytes) -> Any:
    try:
        payload = json.loads(body)["payload"]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, KeyError):
        return None


@contextlib.contextmanager
def in_front(certificate: Path, key: Path, behind: int = 0) -> Iterator[InFront]:
    """One that runs meanwhile."""
    one = InFront(certificate, key, behind)
    try:
        yield one
    finally:
        one.close()
