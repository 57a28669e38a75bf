"""Who listens on a port, from a made-up /proc and from the real one."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest

from webproxy.net import owners
from webproxy.net.owners import listens_beyond_loopback, who_listens

if TYPE_CHECKING:
    from pathlib import Path

HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


class Proc:
    """Builds a /proc with the files that are read."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.table = "tcp"
        self.tables = {"tcp": HEADING, "tcp6": HEADING}
        (root / "net").mkdir()

    def socket(self, local: str, inode: int, *, state: str = "0A", uid: int = 0) -> None:
        table = f"{self.table}6" if len(local) > 13 else self.table
        self.tables[table] += (
            f"   0: {local} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000 {uid:5} 0 {inode} 1\n"
        )
        for name, text in self.tables.items():
            (self.root / "net" / name).write_text(text)

    def process(self, pid: int, command: str | None, *links: str) -> None:
        descriptors = self.root / str(pid) / "fd"
        descriptors.mkdir(parents=True)
        for number, link in enumerate(links):
            (descriptors / str(number)).symlink_to(link)
        if command is not None:
            (self.root / str(pid) / "comm").write_text(command + "\n")


@pytest.fixture
def proc(tmp_path: Path) -> Proc:
    return Proc(tmp_path)


def test_names_the_first_process_that_holds_the_socket(proc: Proc) -> None:
    """A master and its worker share the socket; other states and other ports do not count."""
    proc.socket("0100007F:1F90", 40, state="01")
    proc.socket("0100007F:1F91", 41)
    proc.socket("0100007F:1F90", 42)
    proc.process(9, "client", "socket:[40]")
    proc.process(1012, "worker", "socket:[42]")
    proc.process(812, "nginx", "/dev/null", "socket:[1]", "socket:[42]")
    (proc.root / "self").mkdir()
    assert who_listens(8080, proc.root) == "nginx (pid 812)"


def test_a_process_without_a_name(proc: Proc) -> None:
    proc.socket("0100007F:1F90", 42)
    proc.process(812, None, "socket:[42]")
    assert who_listens(8080, proc.root) == "a process (pid 812)"


def test_a_hidden_process_still_has_a_user(proc: Proc) -> None:
    proc.socket("0100007F:1F90", 42, uid=os.getuid())
    (proc.root / "812").mkdir()  # its fd is not to be seen
    assert who_listens(8080, proc.root) == f"a process of user {pwd.getpwuid(os.getuid()).pw_name}"


def test_a_user_without_a_name(proc: Proc) -> None:
    proc.socket("0100007F:1F90", 42, uid=64123)
    assert who_listens(8080, proc.root) == "a process of user 64123"


def test_nobody_listens(proc: Proc) -> None:
    proc.process(812, "nginx", "socket:[42]")
    assert who_listens(8080, proc.root) is None


def test_a_system_without_proc(tmp_path: Path) -> None:
    assert who_listens(8080, tmp_path / "none") is None
    assert listens_beyond_loopback(8080, tmp_path / "none") == []


@pytest.mark.skipif(sys.byteorder != "little", reason="the table below is a little-endian machine's")
def test_addresses_beyond_loopback(proc: Proc) -> None:
    proc.socket("0100007F:1F90", 1)
    proc.socket("0900007F:1F90", 2)
    proc.socket("00000000000000000000000001000000:1F90", 3)
    proc.socket("0000000000000000FFFF00000100007F:1F90", 4)
    assert listens_beyond_loopback(8080, proc.root) == []
    proc.socket("00000000:1F90", 5)
    proc.socket("0000000000000000FFFF0000070200C0:1F90", 6)
    proc.socket("00000000000000000000000000000000:1F90", 7)
    proc.socket("0B0200C0:1F91", 8)
    assert listens_beyond_loopback(8080, proc.root) == ["0.0.0.0", "192.0.2.7", "::"]


@pytest.mark.parametrize(
    ("written", "byteorder", "address"),
    [
        ("0100007F", "little", "127.0.0.1"),
        ("7F000001", "big", "127.0.0.1"),
        ("B80D0120000000000000000001000000", "little", "2001:db8::1"),
        ("20010DB8000000000000000000000001", "big", "2001:db8::1"),
    ],
)
def test_words_are_in_the_machines_order(written: str, byteorder: str, address: str) -> None:
    assert owners._address(written, byteorder) == ip_address(address)


def test_the_real_proc_names_a_real_process() -> None:
    program = (
        "import socket, sys\n"
        "listening = socket.create_server(('127.0.0.1', 0))\n"
        "print(listening.getsockname()[1], flush=True)\n"
        "sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        port = int(child.stdout.readline())
        assert str(who_listens(port)).endswith(f" (pid {child.pid})")
        assert listens_beyond_loopback(port) == []
        child.communicate()
    assert who_listens(port) is None


def test_the_real_proc_shows_a_socket_on_all_addresses() -> None:
    with socket.create_server(("0.0.0.0", 0)) as listening:
        assert listens_beyond_loopback(listening.getsockname()[1]) == ["0.0.0.0"]


def test_udp_sockets_have_owners_of_their_own(proc: Proc) -> None:
    proc.tables = {"udp": HEADING, "udp6": HEADING}
    proc.table = "udp"
    proc.socket("00000000:0035", 41, state="01")
    proc.socket("00000000:0035", 42, state="07")
    proc.process(53, "resolver", "socket:[42]")
    assert who_listens(53, proc.root, "udp") == "resolver (pid 53)"
    assert who_listens(53, proc.root) is None
