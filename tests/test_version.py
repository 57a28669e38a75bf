"""The installed distribution knows its version; the finder of modules knows whether it is compiled."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from typing import TYPE_CHECKING

import pytest

from webproxy.message import parser
from webproxy.version import compiled, described, installation, version

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.parametrize(
    ("end", "told"), [*((end, "1.2.3 (compiled)") for end in EXTENSION_SUFFIXES), (".py", "1.2.3 (not compiled)")]
)
def test_says_whether_the_road_is_compiled(end: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(name: str) -> ModuleSpec:
        return ModuleSpec(name, None, origin=f"/somewhere/parser{end}")

    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")
    monkeypatch.setattr("webproxy.version.find_spec", found)
    assert described() == told


def test_what_is_not_there_is_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webproxy.version.find_spec", lambda name: None)
    assert not compiled()


def test_asking_imports_nothing_of_the_road() -> None:
    asked = "import sys; from webproxy.version import compiled; print(compiled(), *sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout.split()
    assert told[0] == str(compiled()) == str(not str(parser.__file__).endswith(".py"))
    ours = {name for name in told if name.startswith("webproxy")}
    assert ours == {"webproxy", "webproxy.message", "webproxy.version"}


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
