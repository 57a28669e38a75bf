"""The Debian package as this tree makes it, and one of a later version.

Rule of this file: source tree -> package; both are built by the tree's own ``scripts/deb``.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from tests.system.machine import BUILD, ROOT

if TYPE_CHECKING:
    from pathlib import Path

LATER = "2999.1"


def built(tree: Path = ROOT, name: str = "deb", *, lint: bool = False) -> Path:
    """Build the package of a tree.

    :param name: of the folder that it lands in.
    :param lint: have lintian look at it.
    """
    out = BUILD / name
    done = subprocess.run(
        [tree / "scripts" / "deb"],
        env={**os.environ, "OUT": str(out), "LINT": "yes" if lint else "no"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return next(out.glob("*.deb"))


def copied_tree(name: str) -> Path:
    """A copy of this tree, without what was made in it."""
    tree = BUILD / name
    subprocess.run(["rm", "-rf", tree], check=True)
    tree.mkdir(parents=True)
    exclude = ("build", ".venv", ".git", ".mypy_cache", ".ruff_cache", ".hypothesis")
    pack = ["tar", "-c", *(f"--exclude=./{folder}" for folder in exclude), "."]
    with subprocess.Popen(pack, cwd=ROOT, stdout=subprocess.PIPE) as archive:
        subprocess.run(["tar", "-x", "--touch", "-C", tree], stdin=archive.stdout, check=True)
    return tree


def later_tree() -> Path:
    """A copy of this tree that says it is a later version, in the two places where versions stand."""
    tree = copied_tree("later")
    _replace(tree / "setup.cfg", r"^version = .*$", f"version = {LATER}")
    _replace(tree / "debian" / "changelog", r"\Awebproxy \(.*?\)", f"webproxy ({LATER})")
    return tree


def _replace(file: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, text, file.read_text(), count=1, flags=re.MULTILINE)
    assert count == 1, file
    file.write_text(changed)
