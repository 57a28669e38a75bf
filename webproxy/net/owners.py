"""Which process listens on a port of this machine, and on which addresses.

Rule of this file: read what Linux tells in /proc (proc(5)), decide nothing. A system without /proc, or one that hides
other users' processes, is answered with None or an empty list, never with an error.
"""

from __future__ import annotations

import ipaddress
import pwd
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")

#: States of the kernel's tcp_states.h, as /proc/net writes them: TCP_LISTEN, and TCP_CLOSE of UDP without a peer.
LISTEN = {"tcp": "0A", "udp": "07"}

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Listener(NamedTuple):
    """A listening socket.

    :param address: where it listens, v4-mapped addresses reduced.
    :param uid: numeric id of the user who opened it.
    :param inode: the number by which /proc/PID/fd names it.
    """

    address: Address
    uid: int
    inode: int


def who_listens(port: int, proc: Path = PROC, kind: str = "tcp") -> str | None:
    """Name who listens on a port.

    :param kind: ``tcp`` or ``udp``.
    :returns: ``nginx (pid 812)``; ``a process of user www-data`` where the process is hidden from us; None when
        nobody listens or the system does not tell.
    """
    listeners = list(_listeners(port, proc, kind))
    inodes = {listener.inode for listener in listeners}
    for pid in _pids(proc):
        if _holds(proc / str(pid), inodes):
            return f"{_command(proc / str(pid))} (pid {pid})"
    return f"a process of user {_user(listeners[0].uid)}" if listeners else None


def listens_beyond_loopback(port: int, proc: Path = PROC) -> list[str]:
    """Give the addresses, other than loopback, on which anybody listens on a port.

    :returns: sorted; ``0.0.0.0`` and ``::`` mean all.
    """
    found = {str(listener.address) for listener in _listeners(port, proc) if not listener.address.is_loopback}
    return sorted(found)


def _listeners(port: int, proc: Path, kind: str = "tcp") -> Iterator[Listener]:
    for table in (kind, f"{kind}6"):
        for line in _lines(proc / "net" / table):
            #    sl  local_address rem_address   st tx_queue:rx_queue tr:tm->when retrnsmt   uid  timeout inode
            _, local, _, state, _, _, _, uid, _, inode, *_ = line.split()
            host, _, number = local.rpartition(":")
            if state == LISTEN[kind] and int(number, 16) == port:
                yield Listener(_address(host), int(uid), int(inode))


def _lines(table: Path) -> list[str]:
    """Read a table without its heading; nothing, where there is none."""
    try:
        return table.read_text().splitlines()[1:]
    except OSError:
        return []


def _address(written: str, byteorder: str = sys.byteorder) -> Address:
    """Read an address as the kernel prints it: words of 32 bits in the machine's own order."""
    octets = bytes.fromhex(written)
    if byteorder == "little":
        octets = b"".join(octets[at : at + 4][::-1] for at in range(0, len(octets), 4))
    if len(octets) == 4:
        return ipaddress.IPv4Address(octets)
    address = ipaddress.IPv6Address(octets)
    return address.ipv4_mapped or address


def _pids(proc: Path) -> list[int]:
    """Processes in the order of their numbers: a server's first process mostly comes before those it forks."""
    try:
        return sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdigit())
    except OSError:
        return []


def _holds(process: Path, inodes: set[int]) -> bool:
    """Tell whether a process has one of these sockets open; False where we may not look."""
    try:
        for descriptor in (process / "fd").iterdir():
            socket = re.fullmatch(r"socket:\[(\d+)\]", str(descriptor.readlink()))
            if socket and int(socket[1]) in inodes:
                return True
    except OSError:  # gone meanwhile, or another user's
        return False
    return False


def _command(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "a process"


def _user(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
