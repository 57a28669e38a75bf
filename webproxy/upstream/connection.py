"""One connection to the internal service: a request out, its answer in, then the next.

The head of an answer goes on as soon as it is complete, the body as it comes, in the transfer coding it came in.
``message/`` decides what the bytes mean and where the answer ends; this file only moves them.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.errors import UpstreamError, UpstreamProtocolError, UpstreamSpeaksTls, UpstreamTimeout
from webproxy.message.chunked import ChunkError
from webproxy.message.extent import Extent
from webproxy.message.framing import UNTIL_CLOSE
from webproxy.message.parser import parse_response
from webproxy.upstream.faults import of_early_end, of_unfinished_head
from webproxy.upstream.tls import complains

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.message.head import ResponseHead
    from webproxy.net.stream import StreamTransport
    from webproxy.upstream.asker import Asker
    from webproxy.upstream.pool import Pool

REMEMBERED = 4096
"""Largest head block that a connection remembers, in bytes."""

INTERIM_LIMIT = 16
"""How many interim answers may come before the final one."""


@implementer(IProtocol, IPushProducer)
class Connection:
    """States: resting (in the pool), asked (no head yet), answering (a body is coming in), closed.

    :ivar sent: bytes written for the current request.
    :ivar reused: whether it has answered before.
    :ivar reusable: whether it can take another request when this answer is complete.
    :ivar paused: whether the answer is not read for now.
    :ivar rested_since: when its last exchange ended, on the sweep's clock.
    :ivar remembered: the answer's head that a repeated block stands for; never one that sets cookies.
    :ivar memo: what the asker made of the remembered head; it may keep one value here.
    """

    __slots__ = (
        "_asker",
        "_block",
        "_body",
        "_buffer",
        "_interim",
        "_method",
        "_pool",
        "due",
        "memo",
        "paused",
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
        self._body: Extent | None = None
        self._interim = 0
        self.due = math.inf
        self.paused = False
        self.sent = 0
        self.reused = False
        self.reusable = False
        self.rested_since = 0.0
        self.remembered: ResponseHead | None = None
        self.memo: tuple[ResponseHead, bool, int, bytes] | None = None

    def __repr__(self) -> str:
        state = "resting" if self._asker is None else "asked" if self._body is None else "answering"
        return f"<Connection {state} sent={self.sent} body={self._body}>"

    # IProtocol

    def makeConnection(self, transport: Any) -> None:
        """Take the transport."""
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """The connection stands."""
        self.transport.registerProducer(self, True)

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

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone: that ends an until-close body, and is a failure everywhere else."""
        self.due = math.inf
        self.reusable = False
        self._pool.forget(self)
        asker = self._asker
        if asker is None:
            return
        self._asker = None
        if self._body is not None and self._body.left == UNTIL_CLOSE and reason.check(ConnectionDone):
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
        self._body = None
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
        self.paused = True
        self.transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        self.paused = False
        self.transport.resumeProducing()

    def touch(self, limit: float) -> None:
        """Give up when ``limit`` seconds pass without another call."""
        self.due = self._pool.sweep.now + limit

    def close(self) -> None:
        """Close; whoever asked hears nothing more."""
        self._retire()
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once, so that the service stops working for nobody; whoever asked hears nothing more."""
        self._retire()
        self.transport.abortConnection()

    def _retire(self) -> None:
        """Be nobody's from here on: the transport may take a while to be gone."""
        self._asker = None
        self.due = math.inf
        self._pool.forget(self)

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
                self._buffer = data
                if (fault := of_unfinished_head(data)) is not None:
                    self._fail(asker, fault)
                return
            block = data[:end]
            head = self.remembered
            if head is None or block != self._block or self._method == b"HEAD":
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
            self._body = Extent(UNTIL_CLOSE)
            asker.upgraded(head, block)
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
        if head.status == 400 and complains(head, data):
            self._fail(asker, UpstreamSpeaksTls())
            return
        self.reusable = head.persistent
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

    def _fail(self, asker: Asker, error: UpstreamError) -> None:
        self.abort()
        asker.failed(error)

    def _gone(self) -> UpstreamError:
        begun = self._body is not None or bool(self._buffer) or self._interim > 0
        tls = not begun and not self.reused and self._pool.doubt.raised()
        return UpstreamSpeaksTls() if tls else of_early_end(self.sent, begun=begun)
