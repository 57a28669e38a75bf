"""A Unix socket whose name passes from one process to the next."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from twisted.internet.defer import maybeDeferred
from twisted.internet.protocol import Factory, Protocol

from webproxy.net.unix_socket import UnixSocket

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Quiet(Factory):
    noisy = False
    protocol = Protocol


@pytest.fixture
def pids(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """Who we are; the tests play several processes."""
    pid = [1]
    monkeypatch.setattr(os, "getpid", lambda: pid[0])
    yield pid
    pid[0] = 1


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(str(path)) == 0


@pytest_twisted.ensureDeferred
async def test_it_listens_under_its_name_for_owner_and_group_and_leaves_nothing(reactor: Any, tmp_path: Path) -> None:
    name = tmp_path / "w.sock"
    served = UnixSocket(reactor, str(name), Quiet())
    assert connects(name)
    assert name.stat().st_mode & 0o777 == 0o660
    assert repr(served) == f"<UnixSocket {name}>"
    await maybeDeferred(served.stop)
    assert names(tmp_path) == []


@pytest_twisted.ensureDeferred
async def test_the_next_process_takes_the_name_over(reactor: Any, tmp_path: Path, pids: list[int]) -> None:
    name = tmp_path / "w.sock"
    before = UnixSocket(reactor, str(name), Quiet())
    pids[0] = 2
    after = UnixSocket(reactor, str(name), Quiet())
    await maybeDeferred(before.stop)
    assert connects(name)
    assert names(tmp_path) == ["w.sock", "w.sock.2"]
    await maybeDeferred(after.stop)
    assert names(tmp_path) == []


@pytest_twisted.ensureDeferred
async def test_what_a_killed_process_left_is_removed(reactor: Any, tmp_path: Path) -> None:
    name = tmp_path / "w.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / "w.sock.999"))
    name.symlink_to("w.sock.999")
    served = UnixSocket(reactor, str(name), Quiet())
    assert connects(name)
    assert not (tmp_path / "w.sock.999").exists()
    await maybeDeferred(served.stop)
    assert names(tmp_path) == []


@pytest_twisted.ensureDeferred
async def test_it_stops_although_its_file_or_the_folder_is_gone(reactor: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    served = UnixSocket(reactor, str(folder / "w.sock"), Quiet())
    for path in folder.iterdir():
        path.unlink()
    await maybeDeferred(served.stop)
    assert names(folder) == []
    again = UnixSocket(reactor, str(folder / "w.sock"), Quiet())
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    await maybeDeferred(again.stop)


@pytest_twisted.ensureDeferred
async def test_a_dead_socket_that_is_no_link_gives_way(reactor: Any, tmp_path: Path) -> None:
    name = tmp_path / "w.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(name))
    served = UnixSocket(reactor, str(name), Quiet())
    assert connects(name)
    await maybeDeferred(served.stop)


def test_another_file_is_not_touched(reactor: Any, tmp_path: Path) -> None:
    name = tmp_path / "w.sock"
    name.write_text("mine")
    with pytest.raises(FileExistsError):
        UnixSocket(reactor, str(name), Quiet())
    assert name.read_text() == "mine"


def test_a_folder_that_is_not_there(reactor: Any, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        UnixSocket(reactor, str(tmp_path / "none" / "w.sock"), Quiet())
