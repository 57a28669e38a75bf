"""The units of an instance: ``webproxy@12345.socket`` and ``webproxy@12345.service``.

Rule of this file: systemctl's words out, what it said in; what cannot be done is a reason in words, for the caller to
tell. Who may do what is systemd's to decide.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from webproxy.errors import StartError
from webproxy.settings.places import MACHINE

if TYPE_CHECKING:
    from collections.abc import Sequence

RUNNING = Path("/run/systemd/system")
"""Is there where systemd runs (sd_booted(3))."""

DROP_INS = Path("/etc/systemd/system")

OURS = "# Written by webproxy: the addresses that the instance's settings file names.\n"

PATIENCE = 120
"""Seconds for a start; systemd gives up before."""


class UnitState(NamedTuple):
    """How the units of an instance are.

    :ivar active: ``active``, ``reloading``, ``inactive``, ``failed``, ``activating``, ``deactivating``.
    :ivar socket: likewise, of the socket.
    :ivar enabled: whether they start with the machine.
    :ivar told: what the process said of itself.
    :ivar pid: the process; 0 for none.
    """

    active: str
    socket: str
    enabled: bool
    told: str
    pid: int


def socket_unit(port: int) -> str:
    """Name the unit of an instance's socket."""
    return f"webproxy@{port}.socket"


def service_unit(port: int) -> str:
    """Name the unit of an instance's process."""
    return f"webproxy@{port}.service"


class Units:
    """The units of this machine.

    :param folder: where the settings files in question stand.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def not_seen(self) -> str:
        """Say why units cannot be looked at; empty when they can."""
        if not RUNNING.is_dir():
            return "systemd does not run here"
        if self._folder != MACHINE:
            return f"the units read {MACHINE}, not {self._folder}"
        if self._systemctl("cat", service_unit(1)).returncode:
            return "the unit webproxy@.service is not installed"
        return ""

    def not_changed(self) -> str:
        """Say why units cannot be changed; empty when they can."""
        return self.not_seen() or ("" if os.geteuid() == 0 else "only root may")

    def enable(self, port: int, listen: Sequence[str] = ()) -> None:
        """Have an instance run, now and whenever the machine starts.

        :param listen: the addresses that its socket is to be bound to; empty for all.
        :raises StartError: systemd refused, or it did not come up.
        """
        self.bind_to(port, listen)
        done = self._systemctl("enable", "--now", socket_unit(port), service_unit(port))
        if done.returncode:
            what = f"instance {port} did not start: {_last(done.stderr)}"
            raise StartError(what, f"webproxy logs {port} tells why; webproxy set {port} key=value mends settings")

    def bind_to(self, port: int, listen: Sequence[str]) -> bool:
        """Let the socket unit name the addresses that the settings name; ours is one file beside the unit.

        :returns: whether anything was changed; a socket that is open stays as it is.
        """
        file = DROP_INS / f"{socket_unit(port)}.d" / "listen.conf"
        wanted = _drop_in(port, listen) if listen else ""
        there = file.read_text() if file.exists() else ""
        if there == wanted:
            return False
        if wanted:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(wanted)
        elif there.startswith(OURS):
            file.unlink()
            if not any(file.parent.iterdir()):
                file.parent.rmdir()
        self._systemctl("daemon-reload")
        return True

    def disable(self, port: int) -> None:
        """Have an instance run no more; what runs in it may end first.

        :raises StartError: systemd refused.
        """
        done = self._systemctl("disable", "--now", service_unit(port), socket_unit(port))
        if done.returncode:
            raise StartError(f"instance {port} was not stopped: {_last(done.stderr)}")
        self._systemctl("reset-failed", service_unit(port), socket_unit(port))

    def reload(self, port: int) -> None:
        """Have a running instance read its settings anew.

        :raises StartError: systemd refused.
        """
        done = self._systemctl("reload", service_unit(port))
        if done.returncode:
            raise StartError(
                f"instance {port} was not reloaded: {_last(done.stderr)}", f"webproxy logs {port} says why"
            )

    def state(self, port: int) -> UnitState:
        """Look at the units of an instance."""
        names = ("ActiveState", "UnitFileState", "StatusText", "MainPID")
        properties = ",".join(names)
        service = self._properties("show", f"--property={properties}", service_unit(port))
        socket = self._properties("show", f"--property={properties}", socket_unit(port))
        return UnitState(
            active=service.get("ActiveState", "unknown"),
            socket=socket.get("ActiveState", "unknown"),
            enabled=socket.get("UnitFileState", "") == "enabled" == service.get("UnitFileState", ""),
            told=service.get("StatusText", ""),
            pid=int(service.get("MainPID", "0") or 0),
        )

    def _properties(self, *words: str) -> dict[str, str]:
        lines = self._systemctl(*words).stdout.splitlines()
        return {name: value for name, equals, value in (line.partition("=") for line in lines) if equals}

    def _systemctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = ["systemctl", "--no-pager", *words]
        try:
            return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603 - our own words
        except (OSError, subprocess.TimeoutExpired) as error:
            return subprocess.CompletedProcess(command, 1, "", str(error))


def _drop_in(port: int, listen: Sequence[str]) -> str:
    """Write a drop-in that empties the list of addresses and fills it again (systemd.socket(5))."""
    places = [f"[{address}]:{port}" if ":" in address else f"{address}:{port}" for address in listen]
    lines = ["[Socket]", "ListenStream=", *(f"ListenStream={place}" for place in places)]
    return OURS + "\n".join(lines) + "\n"


def _last(text: str) -> str:
    """Give what systemctl said last, in one line."""
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "systemctl did not say why"
