"""The access log's path is looked at before the start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from webproxy.settings.files import access_log, readable_file
from webproxy.settings.wrong import TextError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("text", ["-", "none"])
def test_words_pass(text: str) -> None:
    assert access_log(text) == text


def test_a_daemon_may_change_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert access_log("access.log") == str(tmp_path / "access.log")
    assert not (tmp_path / "access.log").exists()


def test_an_existing_file_and_a_device_will_do(tmp_path: Path) -> None:
    (tmp_path / "access.log").touch()
    assert access_log(str(tmp_path / "access.log")) == str(tmp_path / "access.log")
    assert access_log("/dev/null") == "/dev/null"


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(TextError) as caught:
        access_log(str(tmp_path / "logs" / "access.log"))
    assert caught.value.what == f"the folder {tmp_path / 'logs'} does not exist"
    assert caught.value.right == "create it, or give a file in another"


def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="is a folder"):
        access_log(str(tmp_path))


@pytest.mark.parametrize("text", ["", "a\0b"])
def test_no_path_at_all(text: str) -> None:
    with pytest.raises(TextError, match="is no path"):
        access_log(text)


def test_a_path_that_the_system_refuses(tmp_path: Path) -> None:
    with pytest.raises(TextError, match="File name too long"):
        access_log(str(tmp_path / ("x" * 300) / "access.log"))


def test_what_may_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may write everywhere, so the kernel's answer is the one thing played here."""
    asked: list[tuple[Path, int]] = []

    def refuse(path: Path, mode: int) -> bool:
        asked.append((path, mode))
        return False

    monkeypatch.setattr(os, "access", refuse)
    (tmp_path / "there").touch()
    for name in ("there", "new"):
        with pytest.raises(TextError, match="cannot be written"):
            access_log(str(tmp_path / name))
    assert asked == [(tmp_path / "there", os.W_OK), (tmp_path, os.W_OK)]


def test_a_file_that_holds_something(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").touch()
    assert readable_file("token") == str(tmp_path / "token")
    assert readable_file("") == ""
    with pytest.raises(TextError, match="there is no file"):
        readable_file("nothing")
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may read anything
    with pytest.raises(TextError, match="cannot be read"):
        readable_file("token")
