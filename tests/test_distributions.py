"""The first-party policies are distributions as a third party would write them, and every tool looks at them.

Each folder of ``policies/`` is one; whoever adds another is told here what it lacks. What they do when they are
installed is in ``tests/integration/test_first_party.py``.
"""

from __future__ import annotations

import ast
from configparser import ConfigParser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
FOLDERS = sorted(
    path for path in (ROOT / "policies").iterdir() if path.is_dir() and not path.name.startswith(("_", "."))
)

#: What a distribution's code may import of webproxy, and what its tests may, too.
PUBLIC = {"webproxy.policy"}
FOR_TESTS = PUBLIC | {"webproxy.testing"}

each = pytest.mark.parametrize("folder", [pytest.param(path, id=path.name) for path in FOLDERS])


def settings_in(folder: Path) -> ConfigParser:
    read = ConfigParser()
    read.read(folder / "setup.cfg")
    return read


def imports(path: Path) -> Iterator[str]:
    """The modules of webproxy that a file imports, types included."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found = [name.name for name in names]
            case ast.ImportFrom(module=str(module), level=0):
                found = [f"{module}.{name.name}" for name in node.names] if module == "webproxy" else [module]
            case _:
                continue
        yield from (name for name in found if name.partition(".")[0] == "webproxy")


def test_there_are_some() -> None:
    assert {"guard", "queue", "ratelimit"} <= {folder.name for folder in FOLDERS}


@each
def test_it_is_complete(folder: Path) -> None:
    package = folder / "src" / f"webproxy_{folder.name}"
    for needed in ("setup.cfg", "pyproject.toml", "README.md"):
        assert (folder / needed).is_file(), needed
    assert (package / "__init__.py").is_file()
    assert (package / "py.typed").is_file()
    assert list((folder / "tests").glob("test_*.py"))


@each
def test_its_metadata_say_what_it_is(folder: Path) -> None:
    said = settings_in(folder)
    assert said["metadata"]["name"] == f"webproxy-{folder.name}"
    assert said["options"]["install_requires"].split() == ["webproxy"]
    entries = said["options.entry_points"]["webproxy.policies"].splitlines()
    assert any(entry.startswith(f"{folder.name} = webproxy_{folder.name}:") for entry in entries)


@each
def test_it_imports_the_public_interface_and_nothing_else(folder: Path) -> None:
    for path in folder.rglob("*.py"):
        allowed = FOR_TESTS if (folder / "tests") in path.parents else PUBLIC
        assert set(imports(path)) <= allowed, path


@each
def test_every_tool_looks_at_it(folder: Path) -> None:
    ours, place = settings_in(ROOT), f"policies/{folder.name}/src"
    assert place in ours["tool:pytest"]["pythonpath"].split()
    assert f"$MYPY_CONFIG_FILE_DIR/{place}" in ours["mypy"]["mypy_path"].replace(",", " ").split()
    assert f"policies.{folder.name}.src.webproxy_{folder.name}" in ours["importlinter"]["root_packages"].split()
    assert f"webproxy_{folder.name}" in ours["coverage:run"]["source_pkgs"].split()
