"""Telling whoever supervises us how we are: the protocol of sd_notify(3).

Rule of this file: datagrams out, nothing in, and never an error: who supervises us must not be able to stop us. Without
a supervisor everything here does nothing.
"""

from __future__ import annotations

import math
import os
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

AFTER_DRAIN = 10.0
"""Seconds from the end of draining to that of the process, at most."""


class Notifier:
    """Where we tell how we are. States: telling, silent.

    :param address: of the supervisor's socket: a path, or a name in the abstract namespace behind ``@``; empty for
        nobody. Addresses of other kinds (``vsock:``) are nobody, too.
    """

    def __init__(self, address: str = "") -> None:
        self.address = address if address[:1] in ("/", "@") else ""

    def __repr__(self) -> str:
        return f"<Notifier {self.address or 'silent'}>"

    def __bool__(self) -> bool:
        """Tell whether anybody listens."""
        return bool(self.address)

    def tell(self, *assignments: str, status: str = "") -> None:
        """Say something.

        :param assignments: as ``READY=1``; all in one datagram, which systemd reads as one.
        :param status: what we are doing, for ``systemctl status``.
        """
        if not self.address:
            return
        lines = [*assignments, *([f"STATUS={' '.join(status.split())}"] if status else [])]
        address = "\0" + self.address[1:] if self.address[0] == "@" else self.address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
                sock.setblocking(False)  # a supervisor that does not read must not stop us
                sock.sendto("\n".join(lines).encode(), address)
        except OSError:
            pass

    def silence(self) -> None:
        """Say nothing from here on: another process speaks for the service."""
        self.address = ""


def watchdog_period(environ: Mapping[str, str], pid: int) -> float | None:
    """Give how often we owe a sign of life.

    :param pid: our own process id.
    :returns: seconds, half of what is allowed, as sd_watchdog_enabled(3) advises; None when nobody waits for one.
    """
    allowed = environ.get("WATCHDOG_USEC", "")
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    if not (allowed.isascii() and allowed.isdecimal()) or not int(allowed):
        return None
    return int(allowed) / 2_000_000


def time_wanted(drain: float) -> list[str]:
    """Ask the supervisor for the time that draining may take; without a limit, for no more than it gives by itself.

    :param drain: seconds.
    """
    return [f"EXTEND_TIMEOUT_USEC={round((drain + AFTER_DRAIN) * 1_000_000)}"] if math.isfinite(drain) else []


def notifier(environ: Mapping[str, str] = os.environ) -> Notifier:
    """Give the supervisor that the environment names."""
    return Notifier(environ.get("NOTIFY_SOCKET", ""))
