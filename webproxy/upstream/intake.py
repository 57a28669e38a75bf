"""What comes in from the internal service: the heads of its answers, and their bodies.

A head goes on as soon as it is complete, the body as it comes, in the transfer coding it came in. ``message/`` decides
what the bytes mean and where the answer ends; this file only moves them. What goes out is ``connection``'s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from webproxy.errors import UpstreamError, UpstreamProtocolError, UpstreamSpeaksTls
from webproxy.message.chunked import ChunkError
from webproxy.message.extent import Extent
from webproxy.message.parser import parse_response
from webproxy.upstream.faults import of_unfinished_head
from webproxy.upstream.tls import complains

if TYPE_CHECKING:
    from webproxy.message.head import ResponseHead
    from webproxy.upstream.asker import Asker

REMEMBERED: Final = 4096
"""Largest head block that a connection remembers, in bytes."""

INTERIM_LIMIT: Final = 16
"""How many interim answers may come before the final one."""


class Intake:
    """The half of a connection that reads.

    :ivar lost: the connection has ended; what it brought before is still being taken.
    :ivar remembered: the answer's head that a repeated block stands for; never one that sets cookies.
    :ivar reusable: whether the connection can take another request when this answer is complete.
    """

    __slots__ = (
        "_asker",
        "_block",
        "_body",
        "_buffer",
        "_interim",
        "_method",
        "lost",
        "remembered",
        "reusable",
    )

    def __init__(self) -> None:
        self._asker: Asker | None = None
        self._method = b""
        self._buffer = b""
        self._block: bytes | None = None
        self._body: Extent | None = None
        self._interim = 0
        self.lost = False
        self.remembered: ResponseHead | None = None
        self.reusable = False

    def abort(self) -> None:
        """Close at once; whoever asked hears nothing more."""
        raise NotImplementedError

    @property
    def body_left(self) -> int:
        """Bytes of the answer's body still to come, or what ``framing`` says of their number."""
        return 0 if self._body is None else self._body.left

    def body_passed(self, size: int) -> None:
        """Count a piece of the answer's body that went past us; note its end."""
        if self._body is not None:
            self._body.passed(size)
            if self._body.complete:
                self._asker = None

    def dataReceived(self, data: bytes) -> None:
        """Take what the service sent."""
        asker = self._asker
        if asker is None:
            # Nobody asked: whatever this is, it must not become the answer to the next request.
            self.abort()
        elif self._body is None:
            self._take_heads(asker, data)
        else:
            self._take_body(asker, self._body, data)

    def _take_heads(self, asker: Asker, data: bytes) -> None:
        """Take interim heads and the final one, with the beginning of its body."""
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        while self._asker is asker:
            head, block = self.remembered, self._block
            if head is not None and block is not None and data.startswith(block) and self._method != b"HEAD":
                self._take_final(asker, head, data[len(block) :])
                return
            end = data.find(b"\r\n\r\n") + 4
            if end == 3:
                self._buffer = data
                if (fault := of_unfinished_head(data)) is not None:
                    self._fail(asker, fault)
                return
            block = data[:end]
            try:
                head = self._parse(block)
            except UpstreamProtocolError as error:
                self._fail(asker, error)
                return
            data = data[end:]
            if head.status >= 200:
                self._take_final(asker, head, data)
                return
            if self._take_interim(asker, head, block, data) or not data:
                return

    def _parse(self, block: bytes) -> ResponseHead:
        """Parse a head, and remember it when it holds no secret."""
        head = parse_response(block, self._method)
        plain = head.status >= 200 and self._method != b"HEAD" and b"set-cookie" not in head.fields
        if plain and len(block) <= REMEMBERED:
            self._block, self.remembered = block, head
        return head

    def _take_interim(self, asker: Asker, head: ResponseHead, block: bytes, data: bytes) -> bool:
        """Pass an interim answer on; whether it was the last word as HTTP (101, or too many of them)."""
        self._interim += 1
        if head.status == 101:
            asker.upgraded(head, block, data)
            return True
        if self._interim > INTERIM_LIMIT:
            self._fail(asker, UpstreamProtocolError("the internal service sends interim answers without end"))
            return True
        asker.interim(head, block)
        return False

    def _take_final(self, asker: Asker, head: ResponseHead, data: bytes) -> None:
        """The final head is here; ``data`` follows it, and often is the whole body."""
        if head.status == 400 and complains(head, data):
            self._fail(asker, UpstreamSpeaksTls())
            return
        self.reusable = head.persistent and not self.lost
        if head.body == len(data):
            self._asker = None
            asker.answered(head, data, True)
            return
        body = self._body = Extent(head.body)
        piece = self._cut(asker, body, data)
        if piece is not None:
            asker.answered(head, piece, body.complete)

    def _take_body(self, asker: Asker, body: Extent, data: bytes) -> None:
        """Pass a piece of the body on; note its end."""
        piece = self._cut(asker, body, data)
        if piece is not None:
            asker.data_received(piece, body.complete)

    def _cut(self, asker: Asker, body: Extent, data: bytes) -> bytes | None:
        """What of ``data`` belongs to the body; ``None`` when it is malformed (and has been reported)."""
        try:
            size = body.take(data)
        except ChunkError as error:
            self._fail(asker, UpstreamProtocolError(f"the internal service's answer is malformed: {error}"))
            return None
        if body.complete:
            self._asker = None
        if size == len(data):
            return data
        # More than was announced: the answer is whole, but the connection cannot be trusted with another.
        self.reusable = False
        return data[:size]

    def release(self) -> None:
        """Forget what was kept for further answers: there will be none."""
        self._asker = self._block = self.remembered = None

    def _fail(self, asker: Asker, error: UpstreamError) -> None:
        self.abort()
        asker.failed(error)
