"""PROXY headers at the internal services: taken off, and nothing believed.

HAProxy and the router write version 2, nginx's stream version 1 (``doc/proxy-protocol.txt`` of HAProxy).
"""

from __future__ import annotations

import socket

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
BEGINNINGS = (SIGNATURE, b"PROXY ")
FIXED = 16  # bytes of version 2's header before its addresses
LONGEST = 4096


def length(data: bytes) -> int | None:
    """How many bytes of the data are a PROXY header; None while that cannot be told."""
    if data.startswith(b"PROXY "):
        return data.find(b"\n") + 1 or None
    if not data.startswith(SIGNATURE):
        return 0
    if len(data) < FIXED:
        return None
    whole = FIXED + int.from_bytes(data[14:16], "big")
    return whole if len(data) >= whole else None


def take_off(sock: socket.socket) -> None:
    """Read a PROXY header, if the connection begins with one; blocks until something has come."""
    while (found := length(sock.recv(LONGEST, socket.MSG_PEEK))) is None:
        pass
    if found:
        sock.recv(found, socket.MSG_WAITALL)
