"""What an operator wrote is his: files are made where there was none, changed as a whole, moved aside, never lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.instances.files import Folder, make_folder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "webproxy")


def test_there_is_none_yet(folder: Folder) -> None:
    assert folder.ports() == []
    with pytest.raises(
        SettingsError, match=r"^12345: there is no such instance; there is none yet: webproxy add makes"
    ):
        folder.existing(12345)


def test_a_new_one_is_closed_to_others(folder: Folder) -> None:
    file = folder.create(12345, "internal = 8080\n")
    assert file == folder.path / "instances" / "12345.toml" == folder.existing(12345)
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o007 == 0
    assert (folder.ports(), folder.settings(12345).port) == ([12345], 12345)


def test_what_is_there_is_never_written_over(folder: Folder) -> None:
    file = folder.create(12345, "internal = 8080\n")
    file.write_text("")  # even an empty file is his
    with pytest.raises(SettingsError, match=r"is there already; webproxy set 12345 key=value changes it"):
        folder.create(12345, "internal = 9090\n")
    assert file.read_text() == ""


def test_only_names_of_ports_are_instances(folder: Folder) -> None:
    folder.create(12345, "")
    for name in ("notes.toml", "12346.toml.removed", "12345.users", ".12347.toml.x"):
        (folder.path / "instances" / name).write_text("")
    assert folder.ports() == [12345]


def test_a_near_miss_is_named(folder: Folder) -> None:
    folder.create(12345, "")
    folder.create(8000, "")
    with pytest.raises(SettingsError, match=r"^12354: .*; did you mean 12345\? there are 8000, 12345$"):
        folder.existing(12354)


def test_defaults_hold_too_and_are_checked(folder: Folder) -> None:
    folder.create(12345, "internal = 8080\n")
    defaults = folder.path / "webproxy.toml"
    defaults.write_text('drain = "5s"\nports = "13000-13001"\n')
    assert folder.settings(12345).drain == 5
    assert folder.range() == range(13000, 13002)
    defaults.write_text("ports = 5\n")
    with pytest.raises(SettingsError, match=r"webproxy.toml:1: ports: is a number"):
        folder.range()


def test_a_change_is_written_once(folder: Folder) -> None:
    file = folder.create(12345, "internal = 8080\n")
    file.chmod(0o640)
    assert folder.change(12345, lambda text: text + "# mine\n")
    assert file.read_text() == "internal = 8080\n# mine\n"
    assert file.stat().st_mode & 0o777 == 0o640
    before = file.stat()
    assert not folder.change(12345, lambda text: text)
    assert file.stat() == before
    assert list(file.parent.iterdir()) == [file]


def test_somebody_elses_change_is_not_lost(folder: Folder) -> None:
    file = folder.create(12345, "internal = 8080\n")

    def meanwhile(text: str) -> str:
        file.write_text("internal = 9090\n")
        return text + "# mine\n"

    with pytest.raises(SettingsError, match="was changed by somebody else just now; try it again"):
        folder.change(12345, meanwhile)
    assert file.read_text() == "internal = 9090\n"


def test_a_text_is_checked_before_it_is_written(folder: Folder) -> None:
    file = folder.create(12345, "internal = 8080\n")
    assert folder.settings_of(12345, "internal = 9090\n").port == 12345
    with pytest.raises(SettingsError, match=rf"^{file}:1: internal: 0 is not a port"):
        folder.settings_of(12345, "internal = 0\n")


def test_what_is_removed_stays_under_another_name(folder: Folder) -> None:
    for text in ("first", "second", "third"):
        folder.create(12345, f"# {text}\n")
        folder.put_aside(12345)
    assert folder.ports() == []
    kept = {path.name: path.read_text() for path in (folder.path / "instances").iterdir()}
    assert kept == {
        "12345.toml.removed": "# first\n",
        "12345.toml.removed-2": "# second\n",
        "12345.toml.removed-3": "# third\n",
    }


def test_what_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"cannot be made: .*; try it as root"):
        make_folder(tmp_path / "file" / "webproxy")
    with pytest.raises(SettingsError, match=r"cannot be read: Not a directory; try it as root"):
        Folder(tmp_path / "file").ports()


def test_an_own_umask_is_left_as_it_was(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        make_folder(tmp_path / "a" / "b")
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
