"""Files written anew: whole, one writer at a time, and as they were."""

from __future__ import annotations

import grp
import os
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.settings import rewritten
from webproxy.settings.rewritten import Ownership, ownership_at_birth, read_whole, rewrite

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def refusal(file: Path) -> str:
    with pytest.raises(SettingsError) as raised:
        rewrite(file, lambda _before: b"new")
    return str(raised.value)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
def test_a_new_file_is_its_writers_alone(tmp_path: Path, umask: int) -> None:
    file = tmp_path / "users"
    before = os.umask(umask)
    try:
        rewrite(file, lambda content: content + b"new")
    finally:
        os.umask(before)
    assert (file.read_bytes(), mode(file)) == (b"new", 0o600)
    assert [path.name for path in tmp_path.iterdir()] == ["users"]


def test_a_file_keeps_its_mode_and_those_who_read_it_read_on(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_bytes(b"old")
    file.chmod(0o644)
    with file.open("rb") as reading:
        rewrite(file, lambda content: content.replace(b"old", b"new, and longer"))
        assert reading.read() == b"old"
    assert (file.read_bytes(), mode(file)) == (b"new, and longer", 0o644)


def test_a_file_keeps_its_owner_and_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "users"
    file.write_bytes(b"old")
    owner = (12345, 12346) if os.geteuid() == 0 else (file.stat().st_uid, file.stat().st_gid)
    os.chown(file, *owner)
    file.chmod(0o640)
    steps: list[tuple[str, int]] = []
    monkeypatch.setattr(os, "fchown", noting(os.fchown, steps))
    monkeypatch.setattr(os, "fchmod", noting(os.fchmod, steps))
    rewrite(file, lambda _content: b"new")
    seen = file.stat()
    assert (seen.st_uid, seen.st_gid, mode(file)) == (*owner, 0o640)
    assert [name for name, _ in steps] == ["fchown", "fchmod"]


def test_behind_a_link_the_file_is_written_and_the_link_stays(tmp_path: Path) -> None:
    file, link = tmp_path / "users", tmp_path / "link"
    file.write_bytes(b"old")
    link.symlink_to(file)
    rewrite(link, lambda _content: b"new")
    assert link.is_symlink()
    assert file.read_bytes() == b"new"


def test_a_change_that_fails_leaves_everything_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "users"
    file.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError):
        rewrite(file, lambda content: content[: 1 // 0])
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (b"old", ["users"])


def test_a_disk_that_is_full_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "users"
    file.write_bytes(b"old")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refusal(file) == f"{file}: cannot be written: No space left on device; give another file"
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (b"old", ["users"])


def test_who_may_not_give_it_the_same_owner_is_told_who_may(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "users"
    file.write_bytes(b"old")

    def forbidden(*_: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", forbidden)
    sentence = refusal(file)
    assert sentence.startswith(f"{file}: cannot be written: Operation not permitted; try it as {file.owner()}")
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (b"old", ["users"])
    file.unlink()
    assert refusal(file) == f"{file}: cannot be written: Operation not permitted; try it as root"


def test_places_where_nothing_can_be_written(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no" / "users") == (
        f"{tmp_path}/no/users: the folder {tmp_path}/no does not exist; create it"
    )
    assert refusal(tmp_path) == f"{tmp_path}: is not a file; give a file"
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "users").endswith("cannot be written: Not a directory; give another file")


def test_under_the_machines_folder_a_new_file_is_for_the_services_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = grp.getgrgid(os.getgid()).gr_name
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(rewritten, "GROUP", ours)
    assert ownership_at_birth(tmp_path / "users", tmp_path) == Ownership(0, os.getgid(), 0o640)
    assert ownership_at_birth(tmp_path.parent / "users", tmp_path) == Ownership(-1, -1, 0o600)
    monkeypatch.setattr(rewritten, "GROUP", "no-such-group")
    assert ownership_at_birth(tmp_path / "users", tmp_path) == Ownership(-1, -1, 0o600)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(rewritten, "GROUP", ours)
    assert ownership_at_birth(tmp_path / "users", tmp_path) == Ownership(-1, -1, 0o600)


def test_writers_come_one_after_the_other(tmp_path: Path) -> None:
    file = tmp_path / "users"
    program = (
        "import sys; from pathlib import Path; from webproxy.settings.rewritten import rewrite\n"
        "for number in range(20): rewrite(Path(sys.argv[1]), lambda before: before + sys.argv[2].encode())"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(file), letter]) for letter in "abcd"]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert sorted(file.read_bytes()) == sorted(b"abcd" * 20)


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"/users: cannot be read: No such file or directory; give a file"):
        read_whole(tmp_path / "users")


def noting(real: object, steps: list[tuple[str, int]]) -> object:
    def step(descriptor: int, *rest: int) -> None:
        steps.append((real.__name__, descriptor))  # type: ignore[attr-defined]
        real(descriptor, *rest)  # type: ignore[operator]

    return step
