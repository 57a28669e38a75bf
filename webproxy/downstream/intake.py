"""What comes in from a client: heads become requests, bodies go to whoever takes them, the rest waits.

A head is parsed as soon as it is complete and its request goes to the chain at once; the body follows as it comes.
What arrives behind a running request waits unparsed, and beyond a bound it waits in the kernel. ``message/`` decides
what bytes mean; this file only moves them. What goes out is ``channel``'s.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from webproxy.downstream.faults import of_large_body, of_unfinished_head
from webproxy.downstream.passage import Passage
from webproxy.errors import ClientProtocolError
from webproxy.message.chunked import ChunkError
from webproxy.message.extent import Extent
from webproxy.message.parser import parse_request
from webproxy.net.proxy_header import ProxyHeaderError, read

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.downstream.site import Site
    from webproxy.message.fields import Fields
    from webproxy.message.head import RequestHead

REMEMBERED: Final = 4096
"""Largest head block that a connection remembers, in bytes."""

TLS_HANDSHAKE: Final = 0x16
"""First byte of a ClientHello's record (RFC 8446 §5.1); no HTTP method begins with it."""

EMPTY_LINES: Final = re.compile(rb"(?:\r\n)+")
"""What some clients send before a request line, and a server should ignore (RFC 9112 §2.2)."""


def holds_secret(fields: Fields) -> bool:
    """Tell whether a head carries credentials: it is never remembered."""
    said = fields.combined
    return (
        b"cookie" in said
        or b"authorization" in said
        or b"proxy-authorization" in said
        or b"x-api-key" in said
        or b"x-webproxy-key" in said
    )


class Intake(Passage):
    """The half of a channel that reads.

    :ivar deaf: our last word is said; what still comes in is thrown away.
    :ivar judged: what policies made of the remembered head; they may keep one value here.
    :ivar seal: what the client logs in with, once it was let in; only where somebody asks for that.
    :ivar shown: that was found in the head received last, and cut out.
    :ivar remembered: what a forwarder made of the remembered head; it may keep one value here.
    """

    __slots__ = (
        "_begun",
        "_block",
        "_buffer",
        "_busy",
        "_head",
        "_preface",
        "_stalled",
        "deaf",
        "judged",
        "remembered",
    )

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.deaf = False
        self.judged: tuple[RequestHead, object] | None = None
        self.remembered: tuple[RequestHead, bytes | None, bytes] | None = None
        self._block: bytes | None = None
        self._head: RequestHead | None = None
        self._buffer = b""
        self._begun = False
        self._busy = False
        self._stalled = False
        self._preface = False

    def dataReceived(self, data: bytes) -> None:
        """Take what the client sent."""
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        self._advance(data)

    def remember(self, head: RequestHead, host: bytes | None, block: bytes) -> None:
        """Keep what a forwarder made of ``head`` for ``host``, as long as the head itself is remembered."""
        if head is self._head:
            self.remembered = (head, host, block)

    def remember_judged(self, head: RequestHead, outcome: object) -> None:
        """Keep what policies made of ``head``, as long as the head itself is remembered."""
        if head is self._head:
            self.judged = (head, outcome)

    def body_wanted(self) -> None:
        """Somebody takes the request's body now: hand over what is here, read on."""
        self._body_since = self.site.sweep.now
        if not self._busy:
            self._resume()

    def pause_body(self) -> None:
        """Read no more of the body for now: whoever takes it does not keep up."""
        self.body_stalled = True
        self._pause()

    def resume_body(self) -> None:
        """Read on."""
        self.body_stalled = False
        self._resume()

    def body_at_hand(self) -> bool:
        """Whether a piece of the request's body is here already."""
        return bool(self._buffer) and self._body is not None

    def _advance(self, data: bytes) -> None:
        """Take of ``data`` what the state allows; the rest waits."""
        while data:
            request = self.request
            if request is None:
                if self.deaf:
                    self.discard(len(data))
                    return
                if self._stalled and self._body is None:
                    self._hold(data)  # a client that has yet to take the last answer gets no further one
                    return
                data = self._take_head(data) if self._body is None else self._take_unwanted(self._body, data)
            elif self._body is not None and request.wants_body:
                data = self._take_body(self._body, request, data)
            else:
                self._hold(data)
                return

    def _take_head(self, data: bytes) -> bytes:
        """Parse a head and start its request; returns what follows it, or nothing while the head is incomplete."""
        head = self._head
        end = len(data)
        if head is None or data != self._block:
            end = data.find(b"\r\n\r\n") + 4
            if end == 3 or (data[0] == 13 and data.startswith(b"\r\n")):
                return self._take_difficult_head(data)
            block = data[:end]
            if head is None or block != self._block:
                if self._preface:
                    return self._take_preface(data)
                try:
                    head = self._parse(block)
                except ClientProtocolError as error:
                    self.refuse(error, block)
                    return b""
        self._buffer = data[end:]
        self._begun = False
        if head.body:
            self._body = Extent(head.body)
        self._busy = True
        request = self.start(head)
        if head.body > self.site.limits.body:
            self.refuse(of_large_body(self.site.limits))
        else:
            self.site.render(request)
        self._busy = False
        data = self._buffer
        self._buffer = b""
        return data

    def _take_difficult_head(self, data: bytes) -> bytes:
        """A head that is incomplete, or preceded by empty lines (RFC 9112 §2.2)."""
        if self._preface:
            return self._take_preface(data)
        empty = EMPTY_LINES.match(data)
        if empty is not None:
            return data[empty.end() :]
        if data[0] == TLS_HANDSHAKE:
            self.refuse_tls()
        elif (fault := of_unfinished_head(data)) is not None:
            self.refuse(fault, data)
        else:
            self._wait_for_more(data)
        return b""

    def _wait_for_more(self, data: bytes) -> None:
        """Keep what is incomplete. Its deadline runs from its first byte on, not from the latest."""
        if not self._begun:
            self._begun = True
            self.due = self.site.sweep.now + self.site.limits.head_time
        self._buffer = data

    def _take_preface(self, data: bytes) -> bytes:
        """Read the PROXY header that this peer must begin with; returns what follows it."""
        try:
            result = read(data)
        except ProxyHeaderError as error:
            self.refuse_preface(error)
            return b""
        if result is None:
            self._wait_for_more(data)
            return b""
        self._preface = False
        header, size = result
        self.introduce(header)
        return data[size:]

    def _parse(self, block: bytes) -> RequestHead:
        """Parse ``block``, and remember it when it holds no secret."""
        head = parse_request(block)
        self.judged = self.remembered = None
        if len(block) <= REMEMBERED and not holds_secret(head.fields):
            self._block, self._head = block, head
        else:
            self._block = self._head = None
        return head

    def _take_body(self, body: Extent, request: Request, data: bytes) -> bytes:
        """Pass the body on; returns what follows it."""
        try:
            size = body.take(data)
        except ChunkError as error:
            self.refuse(ClientProtocolError(400, f"the body is malformed: {error} (RFC 9112 section 7.1)"))
            return b""
        if body.complete:
            self._body = None
        request.record.received += size
        self.due = self.site.sweep.now + request.limit
        fault = self._fault_of(body, request.record.received)
        if fault is not None:
            self.refuse(fault)
            return b""
        if request.responder is not None:
            request.responder.body_received(data if size == len(data) else data[:size], body.complete)
        return data[size:]

    def _take_unwanted(self, body: Extent, data: bytes) -> bytes:
        """Throw away the rest of a body whose request has been answered."""
        size = body.take(data)
        if body.complete:
            self._body = None
        return data[size:]

    def _hold(self, data: bytes) -> None:
        """Keep ``data`` until somebody wants it; beyond a bound the kernel keeps it."""
        self._buffer = data
        if len(data) > self.site.limits.read_ahead:
            self._pause()

    def _resume(self) -> None:
        """Read on, beginning with what is here already."""
        data = self._buffer
        if data:
            self._buffer = b""
            self._advance(data)
        if not self.paused or self.body_stalled:
            return
        held = self.request is not None or self._stalled  # otherwise what is here is the beginning of a head
        if held and len(self._buffer) > self.site.limits.read_ahead:
            return
        self.paused = False
        self._body_since += self.site.sweep.now - self._paused_at  # time that the client could not use
        self.site.departures.unwatch(self.transport)
        self.transport.resumeProducing()
