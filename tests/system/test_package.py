"""The package as a file: the same bytes whenever and wherever it is built, and in it what it should hold, no more."""

from __future__ import annotations

import re
import subprocess
from hashlib import sha256
from typing import TYPE_CHECKING

from tests.road import SHARED, modules
from tests.system.packages import built, copied_tree

if TYPE_CHECKING:
    from pathlib import Path

COMPILED = re.compile(r"/site-packages/(webproxy\w*(?:/\w+)*)\.[\w.-]+\.so$")
"""A compiled module of ours, by its path."""


def listed(package: Path) -> dict[str, str]:
    """Mode and owner of everything in a package, by path."""
    lines = subprocess.run(["dpkg-deb", "--contents", package], check=True, capture_output=True, text=True).stdout
    return {line.split()[5].removeprefix("."): " ".join(line.split()[:2]) for line in lines.splitlines()}


def test_the_same_tree_gives_the_same_package(package: Path) -> None:
    """In another folder, a moment later, with the files in another order and of another age."""
    again = built(copied_tree("again"), "again-deb")
    assert again.name == package.name
    assert sha256(again.read_bytes()).hexdigest() == sha256(package.read_bytes()).hexdigest()


def test_it_holds_what_it_should(package: Path) -> None:
    files = listed(package)
    assert {
        "/usr/bin/webproxy",
        "/usr/share/man/man1/webproxy.1.gz",
        "/usr/share/man/man5/webproxy.toml.5.gz",
        "/usr/share/bash-completion/completions/webproxy",
        "/usr/bin/webproxy-router",
        "/usr/share/man/man1/webproxy-router.1.gz",
        "/usr/share/man/man5/webproxy-router.toml.5.gz",
        "/usr/share/zsh/vendor-completions/_webproxy-router",
        "/lib/systemd/system/webproxy-router.service",
        "/lib/systemd/system/webproxy@.service",
        "/lib/systemd/system/webproxy@.socket",
        "/etc/webproxy/webproxy.toml",
        "/etc/logrotate.d/webproxy",
    } <= set(files)
    inside = {found[1] for path in files if (found := COMPILED.search(path))}
    assert inside == {"webproxy/message/_scan", *modules(), SHARED}, "other modules are compiled"
    assert any(path.endswith("/webproxy_guard/__init__.py") for path in files), "first-party policies are inside"


def test_nothing_in_it_is_anybody_elses_or_left_over(package: Path) -> None:
    files = listed(package)
    assert {words.split()[1] for words in files.values()} == {"root/root"}
    assert not [path for path, words in files.items() if words[8] == "w" and words[0] != "l"], "all may write"
    caches = [path for path in files if path.endswith("/dropin.cache")]
    assert [files[path] for path in caches] == ["-rw-r--r-- root/root"]
    left_over = (
        ".pyc",
        "/__pycache__/",
        "/mypy/__init__.py",
        "/activate",
        "/direct_url.json",
        "/setuptools/__init__.py",
        ".exe",
    )
    assert not [path for path in files if path.endswith(left_over)]
