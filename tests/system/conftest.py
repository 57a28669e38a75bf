"""Servers with webproxy on them: built, installed, with a service behind it. Everything here needs root."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import pytest

from tests.system.instance import SERVICE
from tests.system.machine import Machine, base, copied
from tests.system.packages import built, later_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def needs_root() -> None:
    """Say so, for a server cannot be booted without."""
    if os.geteuid() != 0:
        pytest.skip("booting a server needs root")


@pytest.fixture(scope="session")
def package() -> Path:
    """The package that this tree makes."""
    needs_root()
    return built(lint=True)


@pytest.fixture(scope="session")
def later(package: Path) -> Path:
    """The same of a later version."""
    return built(later_tree(), "later-deb")


@pytest.fixture
def bare(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A server without webproxy."""
    needs_root()
    yield from booted(base(), request.node.name)


@pytest.fixture(scope="session")
def installed(package: Path) -> Iterator[Path]:
    """The tree of a server on which the package is installed, and a service that is none of its parts."""
    with copied(base(), "installed") as tree:
        machine = Machine(tree)
        machine.install(package)
        machine.shell(f"cp -a /usr/lib/webproxy {SERVICE}")
        machine.stop()
        yield tree


@pytest.fixture
def machine(installed: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A server on which the package is installed, and its service runs."""
    for machine in booted(installed, request.node.name):
        machine.start(f"{SERVICE}/bin/python", "-m", "webproxy.demo", "--port", "8080")
        yield machine


def booted(tree: Path, name: str) -> Iterator[Machine]:
    """A machine with a copy of the tree, until the test is over."""
    hostname = re.sub(r"[^a-z0-9]+", "-", name.removeprefix("test_"))[:40].strip("-")
    with copied(tree, hostname) as copy:
        machine = Machine(copy)
        try:
            yield machine
        finally:
            machine.stop()
