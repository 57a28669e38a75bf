"""What goes out on a leg: frames, whole or begun, and at last a Close.

Rule of this file: it writes and counts; nothing here reads, and nothing is kept but what one message needs.
"""

from __future__ import annotations

from os import urandom
from typing import TYPE_CHECKING, Any

from webproxy.websocket.compression import forget
from webproxy.websocket.frame import CLOSE, frame_head
from webproxy.websocket.masker import masked, masker

if TYPE_CHECKING:
    from autobahn.websocket.compress_deflate import PerMessageDeflate

FIN, RSV1 = 0x80, 0x40


class Speaker:
    """The half of a leg that writes.

    :ivar told: a Close went out; nothing follows it (RFC 6455 §5.5.1).
    :ivar owed: bytes that a frame lacks whose head has gone out; until then no other frame can go out.
    """

    masks: bool
    told = False
    owed = 0
    _masker: Any = None
    _farewell: bytes | None = None
    _opening = 0  # the first byte of a message's first frame, until that has gone out
    transport: Any
    _perMessageCompress: PerMessageDeflate | None

    @property
    def deflates(self) -> bool:
        """Whether messages of its own frames are deflated on this leg."""
        return self._perMessageCompress is not None

    def say_frame(self, first: int, payload: bytes, mask: bytes = b"") -> None:
        """Send a whole frame.

        :param first: its first byte.
        :param mask: with which ``payload`` is masked already.
        """
        if self.told:
            return
        if self.masks and not mask:
            mask = urandom(4)
            payload = masked(mask, payload)
        self.transport.write(frame_head(first, len(payload), mask) + payload)

    def begin_frame(self, first: int, length: int, mask: bytes = b"") -> None:
        """Send a frame's head; ``say`` sends its payload."""
        if self.told:
            return
        self._masker = None
        if self.masks and not mask:
            mask = urandom(4)
            self._masker = masker(mask, length)
        self.owed = length
        self.transport.write(frame_head(first, length, mask))

    def say(self, payload: bytes) -> None:
        """Send a piece of the frame that was begun."""
        if self.told:
            return
        self.owed -= len(payload)
        self.transport.write(payload if self._masker is None else self._masker.process(payload))
        if not self.owed and self._farewell is not None:
            self.say_close(self._farewell)

    # Messages of which only pieces are known

    def begin_message(self, opcode: int) -> None:
        """Begin a message that goes out in frames of our own, deflated if that was agreed on."""
        self._opening = opcode
        if self._perMessageCompress is not None:
            self._opening |= RSV1
            self._perMessageCompress.start_compress_message()

    def say_piece(self, piece: bytes, *, last: bool) -> None:
        """Send a piece of it; one of which nothing is left, once it is deflated, waits for the next."""
        deflate = self._perMessageCompress
        if deflate is not None:
            piece = deflate.compress_message_data(piece)
            if last:
                piece += deflate.end_compress_message()
                forget(deflate, sent=True)
        if piece or last:
            first, self._opening = self._opening, 0
            self.say_frame(FIN | first if last else first, piece)

    # The end

    def say_close(self, payload: bytes) -> None:
        """Send a Close, once; in the middle of a frame it waits for the frame's end.

        :param payload: code and reason (§5.5.1).
        """
        if self.owed:
            self._farewell = payload
        else:
            self.say_frame(FIN | CLOSE, payload)
            self.told = True
