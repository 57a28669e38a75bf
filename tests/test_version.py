"""The installed distribution knows its version."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING

from webproxy.version import installation, version

if TYPE_CHECKING:
    from pathlib import Path

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


def test_another_installation_is_another_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    nothing = installation(tmp_path)
    assert nothing == ("1.2.3", (0, 0))
    first = tmp_path / "__init__.py"
    first.write_text("")
    before = installation(tmp_path)
    assert before not in (nothing, None)
    assert installation(tmp_path) == before
    other = tmp_path / "other"
    other.write_text("")
    other.replace(first)  # as a package manager does, even for the same version
    assert installation(tmp_path) != before
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.4")
    assert installation(tmp_path).version == "1.2.4"


def test_ours_does_not_change_by_itself() -> None:
    assert installation() == installation()
