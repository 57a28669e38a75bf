"""sd_notify: one datagram a saying, to a path or an abstract name; and never an error."""

from __future__ import annotations

import math
import socket
from typing import TYPE_CHECKING

import pytest

from webproxy.net.notify import Notifier, notifier, time_wanted, watchdog_period

if TYPE_CHECKING:
    from pathlib import Path


def supervisor(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(address)
    sock.setblocking(False)
    return sock


def test_it_is_told_at_a_path(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with supervisor(path) as sock:
        speaks = notifier({"NOTIFY_SOCKET": path})
        speaks.tell("READY=1", "MAINPID=12", status="12345:\n3 clients")
        assert sock.recv(1000) == b"READY=1\nMAINPID=12\nSTATUS=12345: 3 clients"
        speaks.tell("WATCHDOG=1")
        assert sock.recv(1000) == b"WATCHDOG=1"
        assert (bool(speaks), repr(speaks)) == (True, f"<Notifier {path}>")


def test_it_is_told_at_an_abstract_name(tmp_path: Path) -> None:
    with supervisor(f"\0{tmp_path}") as sock:
        Notifier(f"@{tmp_path}").tell(status="here")
        assert sock.recv(1000) == b"STATUS=here"


def test_a_silent_one_says_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with supervisor(path) as sock:
        speaks = Notifier(path)
        speaks.silence()
        speaks.tell("READY=1")
        with pytest.raises(BlockingIOError):
            sock.recv(1000)
    assert not speaks


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative", "/no/such/socket", "@nobody-is-here", "/" * 200])
def test_nobody_there_is_no_error(address: str) -> None:
    Notifier(address).tell("READY=1")


def test_a_supervisor_that_does_not_read_stops_nobody(tmp_path: Path) -> None:
    path = str(tmp_path / "notify")
    with supervisor(path):
        for _ in range(2000):
            Notifier(path).tell("WATCHDOG=1")


@pytest.mark.parametrize(
    ("environ", "period"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "500000", "WATCHDOG_PID": "7"}, 0.25),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_a_sign_of_life_is_due_at_half_time(environ: dict[str, str], period: float | None) -> None:
    assert watchdog_period(environ, 7) == period


@pytest.mark.parametrize(("drain", "told"), [(30.0, ["EXTEND_TIMEOUT_USEC=40000000"]), (math.inf, [])])
def test_draining_takes_its_time(drain: float, told: list[str]) -> None:
    assert time_wanted(drain) == told
