"""The folder's hold: one router, whatever became of the one before."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from webproxy.errors import StartError
from webproxy.router.state import Hold, running

if TYPE_CHECKING:
    from pathlib import Path


def test_one_router_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    assert running(folder) is None
    hold = Hold(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert running(folder) == {}
    hold.tell(pid=os.getpid(), port=443)
    assert running(folder) == {"pid": os.getpid(), "port": 443}
    with pytest.raises(StartError, match=rf"another router \(pid {os.getpid()}\) uses {folder}"):
        Hold(folder)
    hold.let_go()
    assert running(folder) is None
    assert repr(Hold(folder)) == f"<Hold on {folder}>"


def test_what_was_left_behind_holds_nobody_up(tmp_path: Path) -> None:
    (tmp_path / "router.lock").write_text("no JSON")
    assert running(tmp_path) is None
    Hold(tmp_path).let_go()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StartError, match="cannot be used: Not a directory; choose another with --state"):
        Hold(tmp_path / "file" / "x")
