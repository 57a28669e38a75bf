"""A client's frames, passed on under the client's own masks.

To unmask and mask again is a third of a bridge's work with long messages, and only text has to be looked at. The key
that hides a frame from whoever is on the way is then the one that the client chose, as it would be without us (RFC 6455
§5.3, §10.3).
"""

from __future__ import annotations

from typing import Any

from webproxy.websocket.frame import unmasked
from webproxy.websocket.hearing import Hearer
from webproxy.websocket.masker import masked, masker


class MaskKeeper(Hearer):
    """The half of a client's leg that reads, and may leave masks as they are."""

    _unmasker: Any = None
    control_frame_data: list[bytes]

    def keep_masks(self) -> None:
        """From now on autobahn gets payloads as they come, masked; what has to be seen is unmasked here."""
        self.applyMask = self.utf8validateIncoming = False

    def _onMessageBegin(self, isBinary: bool) -> None:
        super()._onMessageBegin(isBinary)
        self.checks = not self.applyMask and not isBinary
        if self.checks:
            self.utf8validator.reset()

    def _onMessageFrameBegin(self, length: int) -> None:
        super()._onMessageFrameBegin(length)
        self._unmasker = None

    def _onMessageFrameData(self, payload: bytes) -> None:
        if self.checks and not self.deaf:
            self.utf8validateLast = self.utf8validator.validate(self._plain(payload))
            if not self.utf8validateLast[0]:
                self._invalid_payload(f"invalid UTF-8 at byte {self.utf8validateLast[3]} of a text")
                return
        super()._onMessageFrameData(payload)

    def processControlFrame(self) -> bool:
        """Let autobahn see what a control frame says."""
        if not self.applyMask:
            self.control_frame_data = [unmasked(b"".join(self.control_frame_data), self.current_frame.mask)]
        going_on: bool = super().processControlFrame()
        return going_on

    def _plain(self, payload: bytes) -> bytes:
        """Unmask a piece of the frame that is being read."""
        frame = self.current_frame
        if len(payload) == frame.length:
            return masked(frame.mask, payload)
        if self._unmasker is None:
            self._unmasker = masker(frame.mask, frame.length)
        plain: bytes = self._unmasker.process(payload)
        return plain
