"""What is compiled of webproxy in wheels, as ``setup.py`` lists it."""

from __future__ import annotations

import ast
from pathlib import Path

SETUP = Path(__file__).parents[1] / "setup.py"
SHARED = "webproxy__mypyc"
"""The library that holds the code of them all."""


def modules() -> set[str]:
    """The modules, as paths without a suffix: ``webproxy/message/parser``."""
    for step in ast.parse(SETUP.read_text()).body:
        if isinstance(step, ast.Assign) and ast.unparse(step.targets[0]) == "COMPILED":
            listed: dict[str, str] = ast.literal_eval(step.value)
            return {f"webproxy/{room}/{module}" for room, names in listed.items() for module in names.split()}
    raise AssertionError(f"{SETUP} lists no COMPILED")
