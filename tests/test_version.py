"""The installed distribution knows its version."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from webproxy.version import version

if TYPE_CHECKING:
    import pytest


def test_is_the_distributions(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(name: str) -> str:
        asked.append(name)
        return "1.2.3"

    monkeypatch.setattr(metadata, "version", answer)
    assert version() == "1.2.3"
    assert asked == ["webproxy"]


def test_a_source_tree_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert version() == "unknown"
