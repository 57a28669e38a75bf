"""One connection to the internal service: a request out, its answer in, then the next.

The head of an answer goes on as soon as it is complete, the body as it comes, in the transfer coding it came in.
``message/`` decides what the bytes mean and where the answer ends; this file only moves them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.errors import UpstreamError, UpstreamGone, UpstreamProtocolError, UpstreamTimeout
from webproxy.message.chunked import ChunkError, ChunkScanner
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.parser import parse_response

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.message.head import ResponseHead
    from webproxy.net.stream import StreamTransport
    from webproxy.upstream.pool import Pool

HEAD_LIMIT = 65536
"""Largest head of an answer, in bytes."""

REMEMBERED = 4096
"""Largest head block that a connection remembers, in bytes."""

INTERIM_LIMIT = 16
"""How many interim answers may come before the final one."""


class Asker(Protocol):
    """Whoever sent the request, and takes the answer."""

    def interim(self, head: ResponseHead, block: bytes) -> None:
        """An interim answer (1xx) came."""

    def upgraded(self, block: bytes) -> None:
        """The answer is 101: from here on whatever comes, comes through ``data_received`` until close."""

    def answered(self, head: ResponseHead, data: bytes, complete: bool) -> None:
        """The final answer's head came, with what of the body followed at once; ``complete``: that is all."""

    def data_received(self, data: bytes, complete: bool) -> None:
        """A piece of the body came; ``complete``: it was the last."""

    def upstream_stalled(self) -> None:
        """Send no more of the request for now."""

    def upstream_ready(self) -> None:
        """Send on."""

    def failed(self, error: UpstreamError) -> None:
        """There will be no (more) answer."""


@implementer(IProtocol, IPushProducer)
class Connection:
    """States: resting (in the pool), asked (no head yet), answering (a body is coming in), closed.

    :ivar sent: bytes written for the current request.
    :ivar reused: whether it has answered before.
    :ivar reusable: whether it can take another request when this answer is complete.
    :ivar rested_since: when its last exchange ended, on the sweep's clock.
    :ivar remembered: the answer's head that a repeated block stands for; never one that sets cookies.
    :ivar memo: what the asker made of the remembered head; it may keep one value here.
    """

    __slots__ = (
        "_asker",
        "_block",
        "_buffer",
        "_interim",
        "_left",
        "_method",
        "_pool",
        "_scanner",
        "due",
        "memo",
        "remembered",
        "rested_since",
        "reusable",
        "reused",
        "sent",
        "transport",
    )

    transport: StreamTransport

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asker: Asker | None = None
        self._method = b""
        self._buffer = b""
        self._block: bytes | None = None
        self._left: int | None = None
        self._scanner: ChunkScanner | None = None
        self._interim = 0
        self.due = math.inf
        self.sent = 0
        self.reused = False
        self.reusable = False
        self.rested_since = 0.0
        self.remembered: ResponseHead | None = None
        self.memo: tuple[ResponseHead, bool, int, bytes] | None = None

    def __repr__(self) -> str:
        state = "resting" if self._asker is None else "asked" if self._left is None else "answering"
        return f"<Connection {state} sent={self.sent} left={self._left}>"

    # IProtocol

    def makeConnection(self, transport: StreamTransport) -> None:
        """The connection stands."""
        self.transport = transport
        transport.registerProducer(self, True)

    def dataReceived(self, data: bytes) -> None:
        """Take what the service sent."""
        asker = self._asker
        if asker is None:
            # Nobody asked: whatever this is, it must not become the answer to the next request.
            self.abort()
        elif self._left is None:
            self._take_heads(asker, data)
        else:
            self._take_body(asker, data)

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone: that ends an until-close body, and is a failure everywhere else."""
        self.due = math.inf
        self.reusable = False
        self._pool.forget(self)
        asker = self._asker
        if asker is None:
            return
        self._asker = None
        if self._left == UNTIL_CLOSE and reason.check(ConnectionDone):
            asker.data_received(b"", True)
        else:
            asker.failed(self._gone())

    # IPushProducer: the transport tells whether the service keeps up with the request

    def pauseProducing(self) -> None:
        """The service does not keep up with the request's body."""
        if self._asker is not None:
            self._asker.upstream_stalled()

    def resumeProducing(self) -> None:
        """It has caught up."""
        if self._asker is not None:
            self._asker.upstream_ready()

    def stopProducing(self) -> None:
        """The transport is gone; ``connectionLost`` says so too."""

    # What askers and the pool ask of a connection

    def ask(self, asker: Asker, method: bytes, data: bytes) -> None:
        """Send a request's head, with whatever of its body is at hand; the answer goes to ``asker``."""
        self._asker = asker
        self._method = method
        self._left = None
        self._interim = 0
        self.due = math.inf
        self.reusable = False
        self.sent = len(data)
        self.transport.write(data)

    def write(self, data: bytes) -> None:
        """Send a piece of the request's body."""
        self.sent += len(data)
        self.transport.write(data)

    def pause(self) -> None:
        """Read no more of the answer for now."""
        self.transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        self.transport.resumeProducing()

    def touch(self, limit: float) -> None:
        """Give up when ``limit`` seconds pass without another call."""
        self.due = self._pool.sweep.now + limit

    def close(self) -> None:
        """Close; whoever asked hears nothing more."""
        self._asker = None
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once, so that the service stops working for nobody; whoever asked hears nothing more."""
        self._asker = None
        self.transport.abortConnection()

    def expired(self, now: float) -> None:
        """It rested too long, or a client-less answer fell silent."""
        self.due = math.inf
        asker = self._asker
        if asker is None:
            self.close()
        else:
            self.abort()
            asker.failed(UpstreamTimeout("the internal service fell silent", "body"))

    # Taking bytes

    def _take_heads(self, asker: Asker, data: bytes) -> None:
        """Take interim heads and the final one, with the beginning of its body."""
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        while self._asker is asker:
            end = data.find(b"\r\n\r\n") + 4
            if end == 3:
                self._hold(asker, data)
                return
            block = data[:end]
            head = self.remembered
            if head is None or block != self._block:
                try:
                    head = self._parse(block)
                except UpstreamProtocolError as error:
                    self._fail(asker, error)
                    return
            if head.status >= 200:
                self._take_final(asker, head, data[end:])
                return
            data = data[end:]
            if self._take_interim(asker, head, block, data) or not data:
                return

    def _hold(self, asker: Asker, data: bytes) -> None:
        """Keep an incomplete head."""
        if len(data) > HEAD_LIMIT:
            self._fail(asker, UpstreamProtocolError(f"the answer's head is larger than {HEAD_LIMIT} bytes"))
        elif not (data.startswith(b"HTTP/") or b"HTTP/".startswith(data)):
            self._fail(asker, UpstreamProtocolError("what the internal service speaks is not HTTP/1"))
        elif data.count(b"\n") != data.count(b"\r\n"):
            self._fail(asker, UpstreamProtocolError("a line of the answer's head ends without CR (RFC 9112 §2.2)"))
        else:
            self._buffer = data

    def _parse(self, block: bytes) -> ResponseHead:
        """Parse a head, and remember it when it holds no secret."""
        if len(block) > HEAD_LIMIT:
            raise UpstreamProtocolError(f"the answer's head is larger than {HEAD_LIMIT} bytes")
        head = parse_response(block, self._method)
        if head.status >= 200 and len(block) <= REMEMBERED and self._method != b"HEAD" and b"set-cookie" not in head.fields:
            self._block, self.remembered = block, head
        return head

    def _take_interim(self, asker: Asker, head: ResponseHead, block: bytes, data: bytes) -> bool:
        """Pass an interim answer on; whether it was the last word as HTTP (101, or too many of them)."""
        self._interim += 1
        if head.status == 101:
            self._left = UNTIL_CLOSE
            asker.upgraded(block)
            if data and self._asker is asker:
                asker.data_received(data, False)
            return True
        if self._interim > INTERIM_LIMIT:
            self._fail(asker, UpstreamProtocolError("the internal service sends interim answers without end"))
            return True
        asker.interim(head, block)
        return False

    def _take_final(self, asker: Asker, head: ResponseHead, data: bytes) -> None:
        """The final head is here; ``data`` follows it, and often is the whole body."""
        left = self._left = head.body
        self.reusable = head.persistent
        if left == CHUNKED:
            self._scanner = ChunkScanner()
        if left != len(data):
            try:
                data = self._cut(data)
            except UpstreamProtocolError as error:
                self._fail(asker, error)
                return
            complete = not self._left
        else:
            complete = True
        if complete:
            self._asker = None
        asker.answered(head, data, complete)

    def _take_body(self, asker: Asker, data: bytes) -> None:
        """Pass a piece of the body on; note its end."""
        try:
            data = self._cut(data)
        except UpstreamProtocolError as error:
            self._fail(asker, error)
            return
        if self._left:
            asker.data_received(data, False)
        else:
            self._asker = None
            asker.data_received(data, True)

    def _cut(self, data: bytes) -> bytes:
        """What of ``data`` belongs to the body; ``_left`` is 0 when that was the end.

        :raises UpstreamProtocolError: when a chunk is malformed.
        """
        left = self._left or 0
        size = len(data)
        if left > 0:
            size = min(size, left)
            self._left = left - size
        elif left == CHUNKED:
            size = self._scan(data)
        elif left == 0:
            size = 0
        if size < len(data):
            # More than was announced: the answer is whole, but the connection cannot be trusted with another.
            self.reusable = False
            data = data[:size]
        return data

    def _scan(self, data: bytes) -> int:
        """How much of ``data`` belongs to the chunked body."""
        scanner = self._scanner
        if scanner is None:
            return 0
        try:
            size = scanner.scan(data)
        except ChunkError as error:
            raise UpstreamProtocolError(f"the internal service's answer is malformed: {error}") from None
        if scanner.done:
            self._scanner = None
            self._left = 0
        return size

    def _fail(self, asker: Asker, error: UpstreamError) -> None:
        self.abort()
        asker.failed(error)

    def _gone(self) -> UpstreamGone:
        begun = self._left is not None or bool(self._buffer)
        detail = "closed the connection in the middle of its answer" if begun else "closed the connection without an answer"
        return UpstreamGone(f"the internal service {detail}", bytes_sent=self.sent, head_received=begun)
