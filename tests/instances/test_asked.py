"""Asking an instance how it is; whoever does not answer is nobody."""

from __future__ import annotations

import socketserver
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.instances import asked
from webproxy.instances.asked import ask

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Answers(BaseHTTPRequestHandler):
    body = b""
    status = 200

    def do_GET(self) -> None:
        assert self.path == "/api/now"
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's name
        """Keep the test's output clean."""

    def address_string(self) -> str:
        return "a Unix socket"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "a.sock")
    with socketserver.UnixStreamServer(path, Answers) as server:
        serving = Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        yield path
        server.shutdown()
        serving.join()


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, b'{"connections": 3}', {"connections": 3}),
        (200, b"[]", None),
        (200, b"not JSON", None),
        (404, b'{"connections": 3}', None),
    ],
)
def test_it_answers(status: int, body: bytes, told: Any, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answers, "status", status)
    monkeypatch.setattr(Answers, "body", body)
    assert ask(place) == told


def test_nobody_is_there(tmp_path: Path) -> None:
    assert ask(str(tmp_path / "none.sock")) is None
    assert ask("/" + "x" * 300) is None


def test_who_does_not_answer_in_time_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(asked, "PATIENCE", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        assert ask(str(tmp_path / "silent.sock")) is None
