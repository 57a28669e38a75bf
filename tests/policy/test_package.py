"""``webproxy.policy`` is all that an author imports, and it brings neither Twisted nor sockets with it."""

from __future__ import annotations

import subprocess
import sys

import webproxy.policy as api


def test_everything_public_is_named_and_documented() -> None:
    assert sorted(api.__all__, key=str) == sorted(set(api.__all__), key=str)
    undocumented = [
        name for name in api.__all__ if callable(getattr(api, name)) and not (getattr(api, name).__doc__ or "").strip()
    ]
    assert undocumented == []


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
