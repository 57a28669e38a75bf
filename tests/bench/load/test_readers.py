"""Readers of bodies, before a service that serves them."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

from bench.load import readers
from bench.upstream.bodies import converse

if TYPE_CHECKING:
    import pytest


def test_each_reads_its_bodies(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(readers, "GIB", 100_000)
    monkeypatch.setattr(readers, "REQUEST", b"GET /bytes/100000 HTTP/1.1\r\nHost: bench\r\n\r\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _ in range(3):
                threading.Thread(target=converse, args=(listener.accept()[0],)).start()

        serving = threading.Thread(target=serve)
        serving.start()
        readers.main(listener.getsockname()[1], 3, bodies=2)
        serving.join(10)
    assert capsys.readouterr().out == "all read\n"
