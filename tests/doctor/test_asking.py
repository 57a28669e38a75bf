"""Asking a service directly."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
from typing import TYPE_CHECKING

from tests.doctor.fakes import TLS_RECORD, Buffering, Fake, Vllm, saying, serving
from webproxy.doctor.asking import NOTHING, ask, dial, listen_to, speaks_tls
from webproxy.net.destination import Tcp, Unix

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

HOST = {"Host": "localhost"}


def test_an_answer_and_none() -> None:
    with serving(Fake) as place:
        assert (ask(place, "/", HOST).status, ask(place, "/", HOST).body) == (200, b"hello")
    assert ask(place, "/", HOST) == NOTHING
    with saying(b"220 mail\r\n") as place:
        assert ask(place, "/", HOST) == NOTHING


def test_a_unix_socket(tmp_path: Path) -> None:
    place = Unix(str(tmp_path / "s.sock"))
    assert ask(place, "/", HOST) == NOTHING
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(place.path)
        listener.listen()
        dial(place).close()


def test_tls_is_told_from_everything_else(tmp_path: Path) -> None:
    with saying(TLS_RECORD) as place:
        assert speaks_tls(place)
    with serving(Fake) as place:
        assert not speaks_tls(place)
    assert not speaks_tls(Tcp("127.0.0.1", 1))
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subject = ["-subj", "/CN=localhost", "-nodes", "-days", "1"]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-keyout",
        str(key),
        "-out",
        str(certificate),
        *subject,
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def shake() -> None:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as wrapped:
                wrapped.recv(1)

        thread = threading.Thread(target=shake)
        thread.start()
        assert speaks_tls(Tcp("127.0.0.1", listener.getsockname()[1]))
        thread.join()


def test_how_an_answer_comes() -> None:
    with serving(Vllm) as place:
        came = listen_to(place, "/", HOST, b"{}", 10)
    assert came.status == 200
    assert came.pieces > 1
    assert came.first < came.last
    with serving(Buffering) as place:
        came = listen_to(place, "/", HOST, b"{}", 10)
    assert came.pieces == 1
    assert came.first > 0.9 * came.last
    assert listen_to(place, "/", HOST, b"{}", 10).status == 0


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Vllm, "pause", 1.0)
    with serving(Vllm) as place:
        assert listen_to(place, "/", HOST, b"{}", 0.2).pieces == 0
