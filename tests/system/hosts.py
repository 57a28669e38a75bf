"""Hosts in network namespaces, linked by cables of their own (veth), and the programs that run on them. Needs root."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

LOOKED_UP = Path("/etc/netns")
"""What ``ip netns exec`` shows a host in place of /etc (ip-netns(8))."""


class Cable(NamedTuple):
    """A link between two hosts: who is at its ends, and with which addresses."""

    near: str
    near_address: str
    far: str
    far_address: str


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


class Hosts:
    """Hosts, and what runs on them.

    :param known: what /etc/hosts says on all of them: addresses by name.
    """

    def __init__(self, stack: ExitStack, folder: Path, cables: list[Cable], known: Mapping[str, str]) -> None:
        self._stack = stack
        self._folder = folder
        self._prefix = f"webproxy-{os.getpid()}"
        for host in sorted({end for cable in cables for end in (cable.near, cable.far)}):
            ip("netns", "add", self.name(host))
            stack.callback(ip, "netns", "delete", self.name(host))
            ip("-n", self.name(host), "link", "set", "lo", "up")
            self._knows(host, known)
        for number, cable in enumerate(cables):
            near, far = (f"cable{number}", f"cable{number}")
            ip(
                "-n",
                self.name(cable.near),
                "link",
                "add",
                near,
                *("type", "veth", "peer", far, "netns"),
                self.name(cable.far),
            )
            for host, address in ((cable.near, cable.near_address), (cable.far, cable.far_address)):
                ip("-n", self.name(host), "address", "add", f"{address}/30", "dev", near)
                ip("-n", self.name(host), "link", "set", near, "up")
            ip("-n", self.name(cable.far), "route", "add", "default", "via", cable.near_address)

    def _knows(self, host: str, known: Mapping[str, str]) -> None:
        folder = LOOKED_UP / self.name(host)
        folder.mkdir(parents=True)
        file = folder / "hosts"
        self._stack.callback(folder.rmdir)
        self._stack.callback(file.unlink)
        file.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {one}\n" for one, address in known.items()))

    def name(self, host: str) -> str:
        """What the system calls a host."""
        return f"{self._prefix}-{host}"

    def on(self, host: str) -> tuple[str, ...]:
        """The words that run a command there."""
        return ("ip", "netns", "exec", self.name(host))

    def start(self, host: str, *command: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a program, which ends with the test at the latest; what it says is in a file of its host's."""
        with (self._folder / f"{host}.out").open("ab") as out:
            process = subprocess.Popen(
                [*self.on(host), *command],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env={**os.environ, **environ},
            )
        self._stack.enter_context(process)
        self._stack.callback(process.kill)
        return process

    def curl(self, host: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Ask with curl."""
        command = [*self.on(host), "curl", "-sS", "-m", "10", *words]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def said(self, host: str) -> str:
        """What the programs of a host have said."""
        return (self._folder / f"{host}.out").read_text()


def until(condition: Callable[[], object], seconds: float, told: Callable[[], str] = str) -> float:
    """Wait for it; blocks.

    :param told: says more when it does not come.
    :returns: how long it took, in seconds.
    """
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"not within {seconds:g} s\n{told()}"
        time.sleep(0.2)
    return time.monotonic() - began
