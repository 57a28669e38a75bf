"""What comes in on a leg, read by autobahn: it goes out on the other one, checked, frame by frame.

Rule of this file: a frame goes on with the length that its head announces, before its payload is here; only where a leg
compresses do pieces become frames of their own. What is against RFC 6455 goes no further.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from autobahn.websocket.protocol import WebSocketProtocol

from webproxy.websocket.compression import forget
from webproxy.websocket.defaults import Defaults
from webproxy.websocket.frame import PING, PONG
from webproxy.websocket.speaking import FIN, Speaker

if TYPE_CHECKING:
    from webproxy.websocket.bridge import Bridge
    from webproxy.websocket.terms import Keeper

TOO_BIG = 1009

_CODE = struct.Struct("!H")


class Hearer(Defaults, Speaker, WebSocketProtocol):  # type: ignore[misc]  # one base is Any
    """The half of a leg that reads: what autobahn calls when it has read something.

    :ivar other: the other leg.
    :ivar checks: whether UTF-8 is checked in the message being read, by us and not by autobahn.
    :ivar deaf: nothing more that comes in counts: the peer's Close is here, or what breaks the rules.
    """

    bridge: Bridge
    keeper: Keeper
    other: Any  # a Leg
    deaf = False
    checks = False
    _size = 0  # of the message so far, as it goes out
    _due = 0  # bytes that the frame being read lacks
    _framed = True  # this message's frames go out as they come in
    _piece = b""  # of a message that goes out in frames of our own: the last one, until it is known whether it ends it

    def _onMessageBegin(self, isBinary: bool) -> None:
        self._size = 0
        self._framed = not self._isMessageCompressed and not self.other.deflates
        if not self._framed:
            self.other.begin_message(self.current_frame.opcode)

    def _onMessageFrameBegin(self, length: int) -> None:
        terms = self.bridge.terms
        self._due = length
        if length > terms.max_frame:
            self._fail_connection(TOO_BIG, f"a frame of more than {terms.max_frame:g} bytes")
        elif self._size + length > terms.max_message and not self._isMessageCompressed:
            self._fail_connection(TOO_BIG, f"a message of more than {terms.max_message:g} bytes")

    def _onMessageFrameData(self, payload: bytes) -> None:
        if self.deaf:
            return
        self.bridge.touch()
        self._size += len(payload)
        if not self._framed:
            self._hear_piece(payload)
            return
        frame, other = self.current_frame, self.other
        begun = self._due < frame.length
        self._due -= len(payload)
        if not self._due and frame.fin and self._cut_character():
            return
        first = FIN | frame.opcode if frame.fin else frame.opcode
        mask = b"" if self.applyMask else frame.mask
        if begun:
            other.say(payload)
        elif self._due:
            other.begin_frame(first, frame.length, mask)
            other.say(payload)
        else:
            other.say_frame(first, payload, mask)

    def _hear_piece(self, piece: bytes) -> None:
        if self._size > self.bridge.terms.max_message:
            self._fail_connection(TOO_BIG, f"a message of more than {self.bridge.terms.max_message:g} bytes")
            return
        if self._piece:
            self.other.say_piece(self._piece, last=False)
        self._piece = piece

    def _cut_character(self) -> bool:
        """Whether a text that ends here ends within a character; autobahn would say so once it has gone on."""
        checked = self.checks or self.utf8validateIncomingCurrentMessage
        if not checked or self.utf8validateLast[1]:
            return False
        self._invalid_payload("a text ends within a character")
        return True

    def _onMessageFrameEnd(self) -> None:
        pass

    def _onMessageEnd(self) -> None:
        if self.deaf or self._framed:
            return
        piece, self._piece = self._piece, b""
        self.other.say_piece(piece, last=True)
        if self._perMessageCompress is not None:
            forget(self._perMessageCompress, sent=False)

    def _onPing(self, payload: bytes) -> None:
        if not self.deaf:
            self.bridge.touch()
            self.other.say_frame(FIN | PING, payload)

    def _onPong(self, payload: bytes) -> None:
        if not self.deaf and not self.bridge.is_ours(payload):
            self.bridge.touch()
            self.other.say_frame(FIN | PONG, payload)

    def onCloseFrame(self, code: int | None, reasonRaw: bytes | None) -> bool:
        """A Close came in; autobahn's own would answer it itself, before the other side has."""
        if self.deaf:
            return True
        if code is not None and not _may_be_said(code):
            self._protocol_violation(f"invalid close code {code}")
        elif reasonRaw is not None and not _is_text(reasonRaw):
            self._invalid_payload("invalid close reason (not UTF-8)")
        else:
            self._go_deaf()
            self.bridge.closed(self, b"" if code is None else _CODE.pack(code) + (reasonRaw or b""))
        return True

    def _fail_connection(self, code: int = 1002, reason: str = "") -> None:
        if not self.deaf:
            self._go_deaf()
            self.bridge.failed(self, code, reason)

    def _go_deaf(self) -> None:
        self.deaf = True
        self.data = b""
        self.state = self.STATE_CLOSED  # so that autobahn reads no further; what goes out does not ask for it


def _may_be_said(code: int) -> bool:
    """Tell whether a close code may be on the wire (§7.4)."""
    return 3000 <= code <= 4999 or code in WebSocketProtocol.CLOSE_STATUS_CODES_ALLOWED or code == 1014


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True
