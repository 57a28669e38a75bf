"""Policies that others wrote, installed by the command and as a package of their own: an upgrade leaves them alone."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.system.examples import example, wheel_of
from tests.system.instance import Instance
from tests.system.machine import BUILD

if TYPE_CHECKING:
    from pathlib import Path

    from tests.system.machine import Machine

FOLDER = BUILD / "policies"


@pytest.fixture(scope="module")
def policy_package() -> Path:
    """The example, built as its page says."""
    tree = example("renders", FOLDER)
    subprocess.run(["dpkg-buildpackage", "--build=binary", "--unsigned-changes"], cwd=tree, check=True)
    changes = next(tree.parent.glob("webproxy-policy-renders_*.changes"))
    subprocess.run(["lintian", "--fail-on", "error", changes], check=True)
    return next(tree.parent.glob("webproxy-policy-renders_*.deb"))


@pytest.fixture(scope="module")
def wheel() -> Path:
    """The same policy under another name, as its author would publish it."""
    return wheel_of("sketches", FOLDER)


def classes(instance: Instance, mark: str) -> list[str]:
    """Ask once for each policy, and give the classes that the access log then says."""
    instance.status(f"/renders/{mark}")
    instance.status(f"/sketches/{mark}")
    deadline = time.monotonic() + 30
    while len(lines := [line for line in instance.log().splitlines() if f"s/{mark} HTTP" in line]) < 2:
        assert time.monotonic() < deadline, instance.log()
        time.sleep(0.2)
    return [word for line in lines for word in line.split() if word.startswith("class=")]


def test_they_survive_an_upgrade(machine: Machine, later: Path, policy_package: Path, wheel: Path) -> None:
    machine.install(policy_package)
    (machine.tree / "root" / wheel.name).write_bytes(wheel.read_bytes())
    assert "sketches is installed" in machine.run("webproxy", "policies", "install", f"/root/{wheel.name}")
    assert machine.run("find", "/usr/local/lib/webproxy", "!", "-perm", "-o=r") == "", "instances may not read it"

    instance = Instance(machine, "--policy", "renders", "--policy", "sketches")
    assert classes(instance, "before") == ["class=PATIENT", "class=PATIENT"]

    digests = "find /usr/local/lib/webproxy /usr/lib/webproxy-policies -type f -exec sha256sum {} + | sort"
    before, running = machine.shell(digests), instance.pid()
    machine.install(later)
    instance.wait_for_another(running)
    assert machine.shell(digests) == before
    assert classes(instance, "after") == ["class=PATIENT", "class=PATIENT"]
    listed = machine.run("webproxy", "policies")
    assert "webproxy-renders 1.0" in listed
    assert "webproxy-sketches 1.0" in listed
