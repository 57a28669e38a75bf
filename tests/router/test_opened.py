"""The store as commands open it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from webproxy.errors import SettingsError, StartError
from webproxy.router.opened import as_owner, store_in


def test_it_is_made_only_where_that_is_meant(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    with pytest.raises(SettingsError, match="--state: there is no "), store_in(str(folder)):
        pass
    with store_in(str(folder), make=True) as store:
        assert store.names() == []
    with store_in(str(folder)) as store:
        assert store.path == folder / "router.db"


def test_a_file_is_no_folder() -> None:
    with pytest.raises(SettingsError, match="is not a folder"), store_in(__file__):
        pass


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_what_root_makes_is_the_owners_of_the_folder() -> None:
    """Of a package's router, whose user must be able to read what root's commands have made."""
    with tempfile.TemporaryDirectory() as place:  # others may not look into tmp_path
        folder = Path(place)
        os.chown(folder, 65534, 65534)
        with store_in(place, make=True) as store:
            store.drop_name("none")
            owners = {(path.stat().st_uid, path.stat().st_gid) for path in folder.iterdir()}
    assert owners == {(65534, 65534)}
    assert os.geteuid() == os.getegid() == 0


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartError, match="cannot be used: No such file"), as_owner(tmp_path / "none"):
        pass
