"""The package is built, unchanged, on every release that it is for, and runs there.

Each release is a tree of its own, made once and kept under ``build/``; the build takes place in an overlay of it.
``RELEASES`` says which of them, as in ``RELEASES="trixie noble"``; Debian's, if nothing is said.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.system.conftest import needs_root
from tests.system.machine import BUILD, copied
from tests.system.packages import copied_tree

DEBIAN, UBUNTU = "http://deb.debian.org/debian", "http://archive.ubuntu.com/ubuntu"
MIRRORS = {"bookworm": DEBIAN, "trixie": DEBIAN, "jammy": UBUNTU, "noble": UBUNTU}
SERIES = {"bookworm": "3.11", "trixie": "3.13", "jammy": "3.10", "noble": "3.12"}
WANTED = os.environ.get("RELEASES", "bookworm trixie").split()

PACKAGES = "build-essential ca-certificates curl debhelper dh-virtualenv lintian make python3 python3-venv"
INSTALLED = f"apt-get update --quiet=2; apt-get install --quiet=2 --yes --no-install-recommends {PACKAGES}"
AUTHORITIES = Path("/usr/local/share/ca-certificates")

BUILT = """
cd /home/webproxy
make deb
apt-get install --yes --no-install-recommends ./build/deb/*.deb
"""

RUNS = """
webproxy version
cd /tmp
python3 -m http.server 8080 >/dev/null 2>&1 &
webproxy run --internal 8080 --port 12345 >log 2>&1 &
ask="curl --silent --fail --retry 20 --retry-connrefused --retry-delay 1 --output answer"
$ask http://127.0.0.1:12345/ || { cat log; exit 1; }
kill %1 %2
"""


def release(name: str) -> Path:
    """The tree of a release, with what builds packages."""
    tree = BUILD / f"release-{name}"
    if not tree.is_dir():
        part = tree.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        ubuntu = MIRRORS[name] == UBUNTU
        # Ubuntu's keys are not Debian's to know: what is fetched here is for looking at, and thrown away
        trust = ["--no-check-gpg", "--components=main,universe"] if ubuntu else []
        script = ["/usr/share/debootstrap/scripts/jammy"] if ubuntu else []
        make = ["debootstrap", "--variant=minbase", *trust, name, str(part), MIRRORS[name]]
        subprocess.run([*make, *script], check=True)
        inside(part, INSTALLED, "--resolv-conf=copy-host")  # debootstrap knows no alternatives
        part.rename(tree)
    return tree


def inside(tree: Path, script: str, *options: str) -> str:
    """Run a script in a tree."""
    nspawn = ["systemd-nspawn", "--quiet", "--pipe", "--register=no", "--keep-unit", f"--directory={tree}", *options]
    done = subprocess.run(
        [*nspawn, "--setenv=DEBIAN_FRONTEND=noninteractive", "bash", "-euc", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.parametrize("name", WANTED)
def test_it_is_built_and_runs(name: str) -> None:
    needs_root()
    with copied(release(name), f"release-{name}") as tree:
        shutil.copytree(copied_tree("release"), tree / "home" / "webproxy")
        if AUTHORITIES.is_dir():  # a machine whose way out is inspected trusts authorities of its own
            shutil.copytree(AUTHORITIES, tree / AUTHORITIES.relative_to("/"), dirs_exist_ok=True)
        inside(tree, "update-ca-certificates >/dev/null 2>&1\n" + BUILT, "--resolv-conf=copy-host")
        told = inside(tree, RUNS, "--private-network")
        assert f"python {SERIES[name]}." in told
        assert " (compiled)\n" in told
        kept = BUILD / "releases"
        kept.mkdir(exist_ok=True)
        for package in (tree / "home" / "webproxy" / "build" / "deb").glob("*.deb"):
            shutil.copy(package, kept)
