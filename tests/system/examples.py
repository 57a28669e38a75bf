"""The example of a policy, under names of one's own: as source, and as its author would publish it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from tests.system.machine import ROOT

if TYPE_CHECKING:
    from pathlib import Path

EXAMPLE = ROOT / "examples" / "policy-deb"


def example(name: str, folder: Path) -> Path:
    """Copy the example into a folder of ``folder``, and rename it: ``renders``, ``sketches``."""
    tree = folder / name
    subprocess.run(["rm", "-rf", tree], check=True)
    tree.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "--archive", EXAMPLE, tree], check=True)
    (tree / "src" / "webproxy_renders").rename(tree / "src" / f"webproxy_{name}")
    for file in ("setup.cfg", f"src/webproxy_{name}/__init__.py"):
        text = (tree / file).read_text().replace("webproxy_renders", f"webproxy_{name}")
        text = text.replace("webproxy-renders", f"webproxy-{name}").replace("renders =", f"{name} =")
        (tree / file).write_text(text.replace('"/render/"', f'"/{name}/"'))
    return tree


def wheel_of(name: str, folder: Path) -> Path:
    """Build the wheel of the example under that name."""
    tree = example(name, folder)
    build = ["/usr/bin/python3", "-m", "pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation", "."]
    subprocess.run(build, cwd=tree, check=True)
    return next(tree.glob("*.whl"))
