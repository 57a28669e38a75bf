"""A server of its own: a tree of Debian 12, booted with systemd-nspawn, with its own processes, network and systemd.

Rule of this file: booting, running programs in it, ending it; what is installed there is the tests' own. Its network is
a loopback interface that nobody else reaches. The tree comes from debootstrap once, and stays under ``build/``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
BUILD = ROOT / "build" / "system"
TRAFFIC = Path(__file__).with_name("traffic.py")

# what a server has anyway: apt-get then installs our package without a network
BESIDE = "ca-certificates,curl,dbus,iproute2,logrotate,nginx-light,procps,python3,systemd,systemd-sysv"
ENVIRONMENT = ("env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8")
PATIENCE = 120.0


def base() -> Path:
    """The bare server, made if it is not there."""
    tree = BUILD / "server"
    if not tree.is_dir():
        part = tree.with_suffix(".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        subprocess.run(
            ["debootstrap", "--variant=minbase", f"--include={BESIDE}", "bookworm", part, *mirror()], check=True
        )
        part.rename(tree)
    return tree


def mirror() -> list[str]:
    """Where debootstrap takes packages from, if somebody says so."""
    return [os.environ["DEBIAN_MIRROR"]] if "DEBIAN_MIRROR" in os.environ else []


@contextmanager
def copied(tree: Path, name: str) -> Iterator[Path]:
    """A copy of a tree: an overlay, which holds only what becomes different."""
    folder = BUILD / f"{name}-{os.getpid()}"
    for part in ("changes", "work", "tree"):
        (folder / part).mkdir(parents=True)
    options = f"lowerdir={tree},upperdir={folder}/changes,workdir={folder}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, folder / "tree"], check=True)
    try:
        yield folder / "tree"
    finally:
        subprocess.run(["umount", folder / "tree"], check=True)
        shutil.rmtree(folder)


class Machine:
    """A booted server."""

    def __init__(self, tree: Path) -> None:
        self.tree = tree
        self.boot()

    def __repr__(self) -> str:
        return f"<Machine {self.tree.parent.name}>"

    def boot(self) -> None:
        """Boot it, and wait until everything that starts with it has started."""
        self._log = (self.tree.parent / "console.log").open("ab")
        self._nspawn = subprocess.Popen(
            [
                *("systemd-nspawn", "--quiet", "--boot", "--directory", self.tree, "--private-network"),
                *("--register=no", "--keep-unit", "--link-journal=no", "--console=pipe"),
                f"--machine={self.tree.parent.name}",
            ],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        self.wait_until_up()

    def wait_until_up(self) -> None:
        """Wait for it."""
        deadline = time.monotonic() + PATIENCE
        while self._state() not in {"running", "degraded"}:
            assert self._nspawn.poll() is None, self._log_text()
            assert time.monotonic() < deadline, self._log_text()
            time.sleep(0.1)

    def _state(self) -> str:
        if not self.leader():
            return ""
        words = [*self._enter("--all"), *ENVIRONMENT, "systemctl", "is-system-running"]
        return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()

    def _log_text(self) -> str:
        return Path(self._log.name).read_text()

    def leader(self) -> int:
        """Its process 1, as this machine counts; 0 while there is none."""
        pid = self._nspawn.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for child in children:
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        return 0

    def _enter(self, *namespaces: str) -> list[str]:
        names = ["--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd"]
        return ["nsenter", "--target", str(self.leader()), *(names if namespaces == ("--all",) else namespaces)]

    def run(self, *words: str | Path, check: bool = True, limit: float = PATIENCE) -> str:
        """Run a program as root; give what it prints, errors included."""
        done = subprocess.run(
            [*self._enter("--all"), *ENVIRONMENT, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=limit,
        )
        assert not check or done.returncode == 0, f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}"
        return done.stdout

    def shell(self, script: str, *, check: bool = True) -> str:
        """Run a script."""
        return self.run("bash", "-euc", script, check=check)

    def start(self, *words: str) -> None:
        """Start a program that goes on by itself."""
        self.run("systemd-run", "--quiet", "--collect", *words)

    def install(self, *packages: Path) -> str:
        """``apt-get install`` of packages of this machine's."""
        for package in packages:
            shutil.copy(package, self.tree / "root" / package.name)
        names = [f"/root/{package.name}" for package in packages]
        return self.run("apt-get", "install", "--yes", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0", *names)

    def traffic(self, kind: str, *words: str) -> Traffic:
        """Start clients in the machine's network."""
        return Traffic([*self._enter("--net"), sys.executable, str(TRAFFIC), kind, *words])

    def reboot(self) -> None:
        """Shut it down and boot it again."""
        self.stop()
        self.boot()

    def stop(self) -> None:
        """Shut it down."""
        self._nspawn.terminate()
        try:
            self._nspawn.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._nspawn.kill()
            self._nspawn.wait()
        self._log.close()


class Traffic:
    """Clients that run until they are asked what they saw; see ``traffic.py``."""

    def __init__(self, words: list[str]) -> None:
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "under way\n"

    def told(self, limit: float = PATIENCE) -> dict[str, Any]:
        """End them, and give what they saw."""
        out, _ = self._process.communicate(timeout=limit)
        assert self._process.returncode == 0
        told: dict[str, Any] = json.loads(out)
        return told
