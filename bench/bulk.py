"""Many bytes through a socket for little CPU: what stands at both ends of a body that a proxy carries.

The receiver lets the kernel throw the bytes away (``MSG_TRUNC``, tcp(7)), so that neither end is the bottleneck. The
sender copies, as real services do: ``sendfile`` would hand the proxy pages of 4 KiB where they hand it 32 KiB.
"""

from __future__ import annotations

import math
import socket
import time

MIB = 1 << 20
GIB = 1 << 30
BLOCK = MIB
PACED_BLOCK = 64 << 10
PATIENCE = 30.0  # seconds without a byte, after which an end gives up
END_OF_HEAD = b"\r\n\r\n"
ZEROS = bytes(BLOCK)


class CutShortError(ConnectionError):
    """The other end left before it had sent what it announced."""


def read_head(sock: socket.socket) -> tuple[bytes, bytes]:
    """A message's head and what arrived behind it; two empty strings when the other end has nothing more to say."""
    data = b""
    while END_OF_HEAD not in data:
        more = sock.recv(4096)
        if not more:
            return b"", b""
        data += more
    head, _, rest = data.partition(END_OF_HEAD)
    return head, rest


def pour(sock: socket.socket, count: int, until: float = math.inf) -> int:
    """Send ``count`` bytes, or as many as go out before ``until`` (monotonic seconds); how many went."""
    zeros = memoryview(ZEROS)
    sent = 0
    while sent < count and time.monotonic() < until:
        sent += sock.send(zeros[: count - sent])
    return sent


def swallow_all(sock: socket.socket) -> int:
    """Receive until the other end closes; how many bytes came."""
    buffer = bytearray(BLOCK)
    received = 0
    while got := sock.recv_into(buffer, BLOCK, socket.MSG_TRUNC):
        received += got
    return received


def swallow(sock: socket.socket, count: int, pace: float = math.inf, until: float = math.inf) -> int:
    """Receive ``count`` bytes, at most ``pace`` a second, or those that come before ``until``; how many came."""
    buffer = bytearray(BLOCK)
    block = BLOCK if pace == math.inf else PACED_BLOCK
    began = time.monotonic()
    received = 0
    while received < count and (now := time.monotonic()) < until:
        if (early := received / pace - (now - began)) > 0:
            time.sleep(early)
        got = sock.recv_into(buffer, min(block, count - received), socket.MSG_TRUNC)
        if not got:
            raise CutShortError(f"{received} of {count} bytes arrived")
        received += got
    return received
