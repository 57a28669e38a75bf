"""Files of certificates: whole or not there, one's own, bounded; what is damaged is moved aside and named."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.router.acme.folder import CERTIFICATE, LARGEST, NOTE, Folder

if TYPE_CHECKING:
    from pathlib import Path

NAME = "*.secure.example.com"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "state" / "acme")
    made.prepare()
    return made


def told(logged: list[Any]) -> list[str]:
    return [event["why"] for event in logged if event.get("kind") == "certificate-damaged"]


def test_what_is_written_is_read_and_nobody_else_may(folder: Folder) -> None:
    os.umask(os.umask(0o022))
    folder.write(NAME, CERTIFICATE, b"one")
    folder.write(NAME, CERTIFICATE, b"two")
    file = folder.file(NAME, CERTIFICATE)
    assert file.name == "_.secure.example.com.pem"
    assert folder.read(NAME, CERTIFICATE) == b"two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert [path.name for path in folder.path.iterdir()] == [file.name]
    folder.write("app.secure.example.com", CERTIFICATE, b"x")
    folder.write("app.secure.example.com", NOTE, b"x")
    assert folder.names() == [NAME, "app.secure.example.com"]
    folder.remove(NAME, CERTIFICATE)
    folder.remove(NAME, CERTIFICATE)
    assert folder.read(NAME, CERTIFICATE) is None
    assert repr(folder) == f"<Folder {folder.path}>"


def test_a_write_that_fails_leaves_what_was_there(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.write(NAME, CERTIFICATE, b"one")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        folder.write(NAME, CERTIFICATE, b"two")
    assert folder.read(NAME, CERTIFICATE) == b"one"
    assert len(list(folder.path.iterdir())) == 1


def test_what_was_never_finished_goes_at_the_start(folder: Folder) -> None:
    (folder.path / "_.secure.example.com.pem.unfinished").write_text("half")
    folder.prepare()
    assert not list(folder.path.iterdir())


def test_nothing_is_written_through_a_link(folder: Folder, tmp_path: Path) -> None:
    (folder.path / "_.secure.example.com.pem.unfinished").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic links"):
        folder.write(NAME, CERTIFICATE, b"x")
    assert not (tmp_path / "elsewhere").exists()


def test_too_large_or_no_file_is_damaged(folder: Folder, logged: list[Any]) -> None:
    folder.file(NAME, CERTIFICATE).write_bytes(b"x" * (LARGEST + 1))
    assert folder.read(NAME, CERTIFICATE) is None
    folder.file(NAME, NOTE).mkdir()
    assert folder.read(NAME, NOTE) is None
    assert told(logged) == [f"it is larger than {LARGEST} bytes", "Is a directory"]
    assert sorted(path.suffix for path in folder.path.iterdir()) == [".damaged", ".damaged"]


def test_one_that_cannot_be_moved_is_named_all_the_same(folder: Folder, logged: list[Any]) -> None:
    folder.damaged(folder.path / "none.pem", "it is empty")
    assert told(logged) == ["it is empty, and it cannot be moved: No such file or directory"]


def test_one_order_at_a_time(folder: Folder) -> None:
    other = Folder(folder.path)
    with folder.locked() as ours, other.locked() as theirs:
        assert (ours, theirs) == (True, False)
    with other.locked() as theirs:
        assert theirs
