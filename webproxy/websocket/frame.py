"""The head of a frame, written (RFC 6455 §5.2), and how far one reaches that is only partly here. Pure."""

from __future__ import annotations

import struct

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

CONTROL_LIMIT = 125
"""Most bytes that a control frame may carry (§5.5)."""

_MEDIUM = struct.Struct("!BBH")
_LONG = struct.Struct("!BBQ")
_CODE = struct.Struct("!H")
_SHORT = [bytes((length,)) for length in range(256)]


def frame_head(first: int, length: int, mask: bytes = b"") -> bytes:
    """Write a frame's head.

    :param first: its first byte: FIN, the reserved bits and the opcode.
    :param length: of the payload.
    :param mask: the masking key; empty for a frame that is not masked.
    """
    masked = 0x80 if mask else 0
    if length < 126:
        return _SHORT[first] + _SHORT[masked | length] + mask
    if length < 65536:
        return _MEDIUM.pack(first, masked | 126, length) + mask
    return _LONG.pack(first, masked | 127, length) + mask


def unmasked(payload: bytes, mask: bytes) -> bytes:
    """Take a mask off a whole payload, or put it on (§5.3); meant for short ones."""
    size = len(payload)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(payload, "little") ^ int.from_bytes(key, "little")).to_bytes(size, "little")


def reach(data: bytes, at: int) -> int:
    """Tell about how many bytes of ``data`` from ``at`` on belong to the frame that begins there; 0: cannot be told."""
    short = data[at + 1] & 127 if len(data) > at + 1 else 0
    if short < 126:
        return 0
    size = 2 if short == 126 else 8
    return 6 + size + int.from_bytes(data[at + 2 : at + 2 + size], "big")


def farewell(code: int, reason: str = "") -> bytes:
    """Write what a Close frame says (§5.5.1); a reason that is too long is cut between two characters."""
    told = reason.encode()[: CONTROL_LIMIT - 2].decode(errors="ignore")
    return _CODE.pack(code) + told.encode()
