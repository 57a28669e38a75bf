"""The house keeps its shape: tests mirror the source, files stay small, and every name and file says what it holds."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "webproxy"
TESTS = ROOT / "tests"

# tests/integration goes through several rooms at once, tests/system through a whole machine
FREE = {"integration", "system"}
# tests of the tree, not of one file
WHOLE = {TESTS / "test_distributions.py", TESTS / "test_packaging.py", TESTS / "test_structure.py"}
LONGEST = 300
EMPTY_WORDS = {"common", "engine", "handler", "helper", "helpers", "manager", "misc", "processor", "util", "utils"}

SOURCES = sorted(SOURCE.rglob("*.py"))
UNIT_TESTS = sorted(path for path in TESTS.rglob("test_*.py") if path.relative_to(TESTS).parts[0] not in FREE)
PYTHON_FILES = [
    path for room in ("webproxy", "tests", "bench", "policies") for path in sorted((ROOT / room).rglob("*.py"))
]


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


def mirror(source: Path) -> Path:
    """Where the tests of a source file stand: ``webproxy/net/sweep.py`` -> ``tests/net/test_sweep.py``.

    The bench is not a part of the package: ``bench/rows.py`` -> ``tests/bench/test_rows.py``.
    """
    inside = source.relative_to(SOURCE if source.is_relative_to(SOURCE) else ROOT)
    stem = {"__init__": "package", "__main__": "main"}.get(inside.stem, inside.stem)
    return TESTS / inside.with_name(f"test_{stem}.py")


def holds_code(source: Path) -> bool:
    """Whether there is something to test: a function that does more than name its arguments, as a protocol's does."""

    def does_something(node: ast.AST) -> bool:
        return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
            not (isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)) for step in node.body
        )

    return any(does_something(node) for node in ast.walk(ast.parse(source.read_text())))


def test_every_source_file_with_code_has_its_test_file() -> None:
    missing = [
        f"{label(mirror(path))}, for {label(path)}"
        for path in SOURCES
        if holds_code(path) and not mirror(path).is_file()
    ]
    assert not missing, "test files are missing:\n" + "\n".join(missing)


def test_every_test_file_has_its_source_file() -> None:
    mirrors = {mirror(path).with_suffix("") for path in [*SOURCES, *(ROOT / "bench").rglob("*.py")]}

    def tests_a_file(path: Path) -> bool:
        """One file's tests may fill several: ``test_sweep.py``, ``test_sweep_late.py``."""
        words = path.stem.split("_")
        return any(path.with_name("_".join(words[:count])) in mirrors for count in range(2, len(words) + 1))

    orphans = {path for path in UNIT_TESTS if path not in WHOLE and not tests_a_file(path)}
    assert not orphans, "these test no file of webproxy/ (several at once: tests/integration/):\n" + "\n".join(
        map(label, orphans)
    )


def test_no_file_outgrows_its_rule() -> None:
    lengths = {label(path): len(path.read_text().splitlines()) for path in PYTHON_FILES}
    long = [f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LONGEST]
    assert not long, f"{LONGEST} lines are enough for one rule; find the second one in:\n" + "\n".join(long)


def test_no_file_name_says_nothing() -> None:
    empty = [
        label(path)
        for path in PYTHON_FILES
        if EMPTY_WORDS & set(label(path).removesuffix(".py").replace("/", "_").split("_"))
    ]
    assert not empty, "these names say nothing of what the file holds:\n" + "\n".join(empty)


def test_every_file_opens_with_its_rule() -> None:
    silent = [label(path) for path in PYTHON_FILES if not ast.get_docstring(ast.parse(path.read_text()))]
    assert not silent, "these open without saying what belongs into them:\n" + "\n".join(silent)


def test_no_package_where_none_may_be() -> None:
    """Neither pytest's importlib mode, nor Twisted's plug-in search, nor setuptools wants an ``__init__.py`` there."""
    packages = [
        *TESTS.rglob("__init__.py"),
        *(ROOT / "twisted").rglob("__init__.py"),
        ROOT / "policies" / "__init__.py",
    ]
    assert not [label(path) for path in packages if path.exists()]
