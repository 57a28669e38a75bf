"""``webproxy.policy`` is all that an author imports, and it brings neither Twisted nor sockets with it."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import webproxy.policy as api


def documented() -> set[str]:
    """Whatever says in the source what it is; compiled, a class does not remember it."""
    modules = [ast.parse(path.read_text()) for path in Path(api.__file__).parent.glob("*.py")]
    found = [node for module in modules for node in module.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    return {node.name for node in found if ast.get_docstring(node)}


def test_everything_public_is_named_and_documented() -> None:
    assert sorted(api.__all__, key=str) == sorted(set(api.__all__), key=str)
    assert {name for name in api.__all__ if callable(getattr(api, name))} <= documented()


def test_it_has_a_version() -> None:
    assert api.Policy.requires_api <= api.API_VERSION


def test_it_imports_no_twisted() -> None:
    script = (
        "import sys; before = set(sys.modules)\n"
        "import webproxy.policy, webproxy.policy.chain, webproxy.policy.classify, webproxy.policy.timeout\n"
        "print(sorted({'twisted', 'zope', 'socket', 'asyncio', 'ssl'} & (set(sys.modules) - before)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
