"""Finding the admin endpoint."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from webproxy.cli.endpoint import find
from webproxy.errors import SettingsError, StartError
from webproxy.net.destination import Tcp, Unix

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where sockets are looked for."""
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    monkeypatch.setattr("webproxy.cli.endpoint.MACHINE", str(tmp_path / "machine"))
    return tmp_path


def sockets(folder: Path, *names: str) -> None:
    for name in names:
        with socket.socket(socket.AF_UNIX) as one:
            one.bind(str(folder / name))


def test_the_only_one_needs_no_name(folder: Path) -> None:
    sockets(folder, "12345.sock", "12345.sock.99", "other.sock")
    assert find(None).place == Unix(str(folder / "12345.sock"))


def test_several_want_a_port(folder: Path) -> None:
    sockets(folder, "12345.sock", "12346.sock")
    assert find(12346).place == Unix(str(folder / "12346.sock"))
    with pytest.raises(StartError, match="for ports 12345, 12346; name one, as in webproxy live 12345"):
        find(None)


def test_none(folder: Path) -> None:
    with pytest.raises(StartError, match="no webproxy on this machine has an admin endpoint in"):
        find(None)
    with pytest.raises(StartError, match="no webproxy for port 7 has"):
        find(7)


def test_a_place_that_is_named(folder: Path) -> None:
    (folder / "token").write_text("0123456789abcdef\n")
    assert find(None, "unix:/run/w.sock").place == Unix("/run/w.sock")
    client = find(None, "9100", str(folder / "token"))
    assert client.place == Tcp("127.0.0.1", 9100)
    for wrong, file in (("auto", ""), ("none", ""), ("0.0.0.0:1", ""), ("9100", str(folder / "nothing"))):
        with pytest.raises(SettingsError, match=r"^--admin: "):
            find(None, wrong, file)
