"""The store as commands open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.errors import SettingsError
from webproxy.router.opened import store_in

if TYPE_CHECKING:
    from pathlib import Path


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
