"""How far a body goes: the one place that counts a body's bytes, whichever way they travel (RFC 9112 §6.3)."""

from __future__ import annotations

from webproxy.message.chunked import ChunkScanner
from webproxy.message.framing import CHUNKED


class Extent:
    """Tells which of the bytes that come in still belong to a body.

    :param length: the body's length in bytes, ``framing.CHUNKED`` or ``framing.UNTIL_CLOSE``.
    :ivar left: bytes still to come; below 0 while that is unknown.
    :ivar complete: whether the body has ended; never true of one that lasts until close.
    """

    __slots__ = ("_scanner", "complete", "left")

    def __init__(self, length: int) -> None:
        self.left = length
        self.complete = length == 0
        self._scanner = ChunkScanner() if length == CHUNKED else None

    def __repr__(self) -> str:
        return f"<Extent left={self.left}{' complete' if self.complete else ''}>"

    def passed(self, size: int) -> None:
        """Count ``size`` bytes that nobody here saw: of a body with a known length no more than are left."""
        if self.left >= 0:
            self.left -= size
            self.complete = not self.left

    def take(self, data: bytes) -> int:
        """Count ``data`` in.

        :returns: how many bytes of it belong to the body.
        :raises ChunkError: a chunk is malformed; nothing of ``data`` may be passed on.
        """
        left = self.left
        size = len(data)
        if left >= 0:
            size = min(size, left)
            self.left = left = left - size
            self.complete = not left
        elif self._scanner is not None:
            size = self._scanner.scan(data)
            self.complete = self._scanner.done
        return size
