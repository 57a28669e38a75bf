"""Certificates from files: taken up when they change, kept when the new ones cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.integration.edge import certificate
from webproxy.errors import StartError
from webproxy.router.certificates import Certificates

if TYPE_CHECKING:
    from pathlib import Path


def levels(logged: list[Any]) -> list[str]:
    return [event["log_level"].name for event in logged if event["log_namespace"] == "webproxy.router.certificates"]


def test_new_files_are_taken_up_and_broken_ones_named_once(tmp_path: Path, logged: list[Any]) -> None:
    chain, key = certificate(tmp_path, "a.example.com")
    held = Certificates(chain, key)
    first = held.context("any")
    assert first.portable() is first.portable()
    assert not held.refresh()
    certificate(tmp_path, "b.example.com")
    assert held.refresh()
    second = held.context()
    assert second is not first
    sound = key.read_bytes()
    key.write_text("no key")
    assert not held.refresh()
    assert not held.refresh()
    assert held.context() is second
    key.unlink()
    assert not held.refresh()
    assert not held.refresh()
    assert levels(logged) == ["info", "error", "error"]
    key.write_bytes(sound)
    assert held.refresh()
    assert repr(held) == f"<Certificates {chain}>"


def test_a_pair_that_does_not_fit(tmp_path: Path) -> None:
    chain, _ = certificate(tmp_path, "a.example.com")
    (tmp_path / "other").mkdir()
    _, key = certificate(tmp_path / "other", "a.example.com")
    with pytest.raises(StartError, match="do not belong together"):
        Certificates(chain, key)
    with pytest.raises(StartError, match="cannot be read: No such file"):
        Certificates(tmp_path / "none", key)
