"""One client connection: heads in, requests out, answers back in order.

A head is parsed as soon as it is complete and its request goes to the chain at once; the body follows as it
comes. Requests are answered one after the other: what arrives behind a running one waits unparsed, and beyond a
bound it waits in the kernel. ``message/`` decides what bytes mean; this file only moves them.
"""

from __future__ import annotations

import math
import re
from time import monotonic
from typing import TYPE_CHECKING

from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.downstream.request import CLIENT_LEFT, Request
from webproxy.errors import ClientProtocolError
from webproxy.message.chunked import ChunkError, ChunkScanner
from webproxy.message.fields import Fields
from webproxy.message.forwarding import Arrival
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.head import RequestHead
from webproxy.message.parser import parse_request
from webproxy.net.progress import unsent

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.downstream.site import Site
    from webproxy.net.stream import StreamTransport

REMEMBERED = 4096
"""Largest head block that a connection remembers, in bytes."""

PRIVATE = frozenset((b"authorization", b"cookie", b"proxy-authorization", b"x-api-key", b"x-webproxy-key"))
"""Fields that carry credentials: a head that has one is never remembered."""

EMPTY_LINES = re.compile(rb"(?:\r\n)+")
"""What some clients send before a request line, and a server should ignore (RFC 9112 §2.2)."""

UNREADABLE = RequestHead(b"-", b"-", b"", 1, Fields(), 0, False, False, False)
"""Stands for a head that could not be parsed, so that its refusal is an exchange like any other."""

DRAINED = 65536
"""Largest rest of a body that is read and thrown away to keep the connection, in bytes."""


@implementer(IProtocol, IPushProducer)
class Channel:
    """States: idle, head (part of one is here), exchange (a request runs), draining a body nobody wants,
    lingering (our side is closed, what still comes is thrown away), closing, closed.

    :ivar request: the request that runs, if any.
    :ivar due: when the current wait ends, on the sweep's clock.
    :ivar draining: whether the connection ends with the current exchange.
    :ivar remembered: what a forwarder made of the remembered head; it may keep one value here.
    """

    __slots__ = (
        "_block",
        "_buffer",
        "_busy",
        "_closing",
        "_head",
        "_left",
        "_linger",
        "_paused",
        "_pending",
        "_scanner",
        "arrival",
        "client",
        "draining",
        "due",
        "remembered",
        "request",
        "site",
        "transport",
        "write",
    )

    transport: StreamTransport

    def __init__(self, site: Site) -> None:
        self.site = site
        self.request: Request | None = None
        self.due = math.inf
        self.draining = False
        self.remembered: tuple[RequestHead, bytes] | None = None
        self._block: bytes | None = None
        self._head: RequestHead | None = None
        self._buffer = b""
        self._left = 0
        self._scanner: ChunkScanner | None = None
        self._busy = False
        self._paused = False
        self._closing = False
        self._pending = 0
        self._linger = -1

    def __repr__(self) -> str:
        resting = "lingering" if self._linger >= 0 else "head" if self._buffer else "idle"
        state = "exchange" if self.request else "closing" if self._closing else resting
        return f"<Channel {self.client} {state} left={self._left} held={len(self._buffer)}>"

    # IProtocol

    def makeConnection(self, transport: StreamTransport) -> None:
        """Begin: nothing has been said yet."""
        site = self.site
        self.transport = transport
        self.write = transport.write
        self.client = getattr(transport.getPeer(), "host", "unix").removeprefix("::ffff:")
        self.arrival = Arrival(self.client, b"http", site.port, False)
        transport.registerProducer(self, True)
        self.due = site.sweep.now + site.limits.keep_alive
        site.channel_opened(self)

    def dataReceived(self, data: bytes) -> None:
        """Take what the client sent."""
        if self._buffer:
            data = self._buffer + data
            self._buffer = b""
        self._advance(data)

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone; so is the client, whatever it still waited for."""
        if self._paused:
            self.site.departures.unwatch(self.transport)
        self.site.channel_closed(self)
        self._buffer = b""
        self._linger = -1
        self.due = math.inf
        request = self.request
        if request is not None:
            self.request = None
            self._client_left(request)

    # IPushProducer: the transport tells whether the client keeps up

    def pauseProducing(self) -> None:
        """The client does not keep up with the answer."""
        if self.request is not None and self.request.responder is not None:
            self.request.responder.client_stalled()

    def resumeProducing(self) -> None:
        """The client has caught up."""
        if self.request is not None:
            self.touch(self.request.limit)
            if self.request.responder is not None:
                self.request.responder.client_ready()

    def stopProducing(self) -> None:
        """The transport is gone; ``connectionLost`` says so too."""

    # What requests ask of their channel

    def touch(self, limit: float) -> None:
        """Let the current wait last ``limit`` seconds from now."""
        self.due = self.site.sweep.now + limit

    def remember(self, head: RequestHead, value: bytes) -> None:
        """Keep what a forwarder made of ``head``, as long as the head itself is remembered."""
        if head is self._head:
            self.remembered = (head, value)

    def body_wanted(self) -> None:
        """Somebody takes the request's body now: hand over what is here, read on."""
        if not self._busy:
            self._resume()

    def pause_body(self) -> None:
        """Read no more of the body for now: whoever takes it does not keep up."""
        self._pause()

    def resume_body(self) -> None:
        """Read on."""
        self._resume()

    def body_at_hand(self) -> bool:
        """Whether a piece of the request's body is here already."""
        return bool(self._buffer and self._left)

    def tunnel(self, request: Request) -> None:
        """The request was an upgrade and is answered: from here on its body is whatever comes until close."""
        self.draining = True
        self._left = UNTIL_CLOSE
        self.touch(request.limit)
        if not self._busy:
            self._resume()

    def request_ended(self, request: Request, closing: bool) -> None:
        """The answer is complete; go on with the next request, or close."""
        self.request = None
        request.record.ended = monotonic()
        self.site.exchange_ended(request.record)
        if self._left and not self._may_drain(request.head):
            self._begin_lingering()
        elif closing:
            self.close()
        else:
            self.touch(self.site.limits.keep_alive)
            if not self._busy:
                self._resume()

    def request_cut(self, request: Request, *, reset: bool) -> None:
        """The answer will never be complete; make the client see that."""
        self.request = None
        request.record.ended = monotonic()
        self.site.exchange_ended(request.record)
        if reset:
            self.abort()
        else:
            self.close()

    def close(self) -> None:
        """Close once everything written has been sent, or when for an idle limit nothing of it could be."""
        self.draining = self._closing = True
        self.touch(self.site.idle)
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self._closing = True
        self.transport.abortConnection()

    def drain(self) -> None:
        """End with the current exchange; at once if there is none."""
        self.draining = True
        if self.request is None and self._linger < 0 and not self._closing:
            self.close()

    def expired(self, now: float) -> None:
        """The current wait has lasted too long."""
        self.due = math.inf
        if self._client_reads():
            return
        if self.request is not None:
            self._exchange_expired(self.request)
        elif self._linger >= 0 or self._closing:
            self.abort()
        elif self._buffer:
            self._refuse(ClientProtocolError(408, "the request's head took too long"))
        else:
            self.close()

    # Taking bytes

    def _advance(self, data: bytes) -> None:
        """Take of ``data`` what the state allows; the rest waits."""
        while data:
            request = self.request
            if request is None:
                if self._linger >= 0 or self._closing:
                    self._discard(len(data))
                    return
                data = self._take_unwanted(data) if self._left else self._take_head(data)
            elif self._left and request.responder is not None:
                data = self._take_body(request, data)
            else:
                self._hold(data)
                return

    def _take_head(self, data: bytes) -> bytes:
        """Parse a head and start its request; returns what follows it, or nothing while the head is incomplete."""
        end = data.find(b"\r\n\r\n") + 4
        if end == 3 or (data[0] == 13 and data.startswith(b"\r\n")):
            return self._take_difficult_head(data)
        block = data[:end]
        head = self._head
        if head is None or block != self._block:
            try:
                head = self._parse(block)
            except ClientProtocolError as error:
                self._refuse(error)
                return b""
        self._buffer = data[end:]
        self._left = head.body
        if head.body == CHUNKED:
            self._scanner = ChunkScanner()
        self._busy = True
        request = self.request = Request(self, head)
        self.due = self.site.sweep.now + request.limit
        self.site.render(request)
        self._busy = False
        data = self._buffer
        self._buffer = b""
        return data

    def _take_difficult_head(self, data: bytes) -> bytes:
        """A head that is incomplete, or preceded by empty lines (RFC 9112 §2.2)."""
        empty = EMPTY_LINES.match(data)
        if empty is not None:
            return data[empty.end() :]
        limits = self.site.limits
        if len(data) > limits.head:
            self._refuse(ClientProtocolError(431, f"the request's head is larger than {limits.head} bytes"))
        elif data.count(b"\n") != data.count(b"\r\n"):
            self._refuse(ClientProtocolError(400, "a line of the head ends without CR (RFC 9112 §2.2)"))
        else:
            # From the first byte on, not from the latest: the earlier deadline holds.
            self.due = min(self.due, self.site.sweep.now + limits.head_time)
            self._buffer = data
        return b""

    def _parse(self, block: bytes) -> RequestHead:
        """Parse ``block`` within the limits, and remember it when it holds no secret."""
        limits = self.site.limits
        if len(block) > limits.head:
            raise ClientProtocolError(431, f"the request's head is larger than {limits.head} bytes")
        head = parse_request(block)
        if len(head.target) > limits.target:
            raise ClientProtocolError(414, f"the request target is longer than {limits.target} bytes")
        if len(head.fields.pairs) > limits.fields:
            raise ClientProtocolError(431, f"the request has more than {limits.fields} fields")
        self.remembered = None
        if len(block) <= REMEMBERED and PRIVATE.isdisjoint(head.fields.combined):
            self._block, self._head = block, head
        else:
            self._block = self._head = None
        return head

    def _take_body(self, request: Request, data: bytes) -> bytes:
        """Pass the body on; returns what follows it."""
        size = len(data)
        left = self._left
        if left > 0:
            size = min(size, left)
            self._left = left - size
        elif left == CHUNKED:
            size = self._scan(data)
            if size < 0:
                return b""
        piece = data if size == len(data) else data[:size]
        request.record.received += size
        self.due = self.site.sweep.now + request.limit
        if request.responder is not None:
            request.responder.body_received(piece, not self._left)
        return data[size:]

    def _scan(self, data: bytes) -> int:
        """How much of ``data`` belongs to the chunked body; below 0 when it is malformed (and has been refused)."""
        scanner = self._scanner
        if scanner is None:
            return -1
        try:
            size = scanner.scan(data)
        except ChunkError as error:
            self._refuse(ClientProtocolError(400, str(error)))
            return -1
        if scanner.done:
            self._left = 0
            self._scanner = None
        return size

    def _take_unwanted(self, data: bytes) -> bytes:
        """Throw away the rest of a body whose request has been answered."""
        size = min(len(data), self._left)
        self._left -= size
        return data[size:]

    def _may_drain(self, head: RequestHead) -> bool:
        """Whether the rest of the body is small and sure to come."""
        return 0 < self._left <= DRAINED and not head.expects_continue

    def _hold(self, data: bytes) -> None:
        """Keep ``data`` until somebody wants it; beyond a bound the kernel keeps it."""
        self._buffer = data
        if len(data) > self.site.limits.read_ahead:
            self._pause()

    def _pause(self) -> None:
        """Stop reading. A paused transport does not notice that its peer left, so it is watched meanwhile."""
        if not self._paused:
            self._paused = True
            self.transport.pauseProducing()
            self.site.departures.watch(self.transport, self._left_while_paused)

    def _resume(self) -> None:
        """Read on, beginning with what is here already."""
        data = self._buffer
        if data:
            self._buffer = b""
            self._advance(data)
        if self._paused and len(self._buffer) <= self.site.limits.read_ahead:
            self._paused = False
            self.site.departures.unwatch(self.transport)
            self.transport.resumeProducing()

    # Ends

    def _left_while_paused(self) -> None:
        """The client has left although we do not read: whoever works for it should know now."""
        self.transport.abortConnection()

    def _client_left(self, request: Request) -> None:
        """Tell whoever answers that nobody listens, and write the exchange down."""
        record = request.record
        record.closed_by = record.closed_by or "client"
        record.status = record.status or CLIENT_LEFT
        if request.responder is not None:
            request.responder.client_left()
        record.ended = monotonic()
        self.site.exchange_ended(record)

    def _client_reads(self) -> bool:
        """Whether the client has taken bytes since this was last asked; if so the wait begins anew.

        A slow reader empties our buffer and the kernel's without a word to us, so only the deadline asks.
        """
        pending = unsent(self.transport)
        if not pending or pending == self._pending:
            return False
        self._pending = pending
        self.touch(self.request.limit if self.request is not None else self.site.idle)
        return True

    def _exchange_expired(self, request: Request) -> None:
        """The idle limit of a running exchange has passed."""
        if request.responder is not None:
            request.responder.deadline_passed()
        else:
            request.abort("idle", "nobody took the request's body", reset=False)

    def _refuse(self, error: ClientProtocolError) -> None:
        """Answer what broke the rules, and close: nothing behind it can be trusted."""
        self.draining = True
        request = self.request
        if request is None:
            request = self.request = Request(self, UNREADABLE)
        elif request.responder is not None:
            request.responder.client_left()
        request.record.closed_by = "client"
        request.record.note = error.detail
        self._left = UNTIL_CLOSE
        if request.answering:
            self.request_cut(request, reset=True)
        else:
            request.answer(error.status, error.detail)

    def _begin_lingering(self) -> None:
        """Close our side and read on for a while, so that the client sees the answer and no reset (RFC 9112 §9.6)."""
        self.draining = True
        self._linger = self.site.limits.linger
        self._left = 0
        self.touch(self.site.limits.linger_time)
        self.transport.unregisterProducer()
        self.transport.loseWriteConnection()
        if not self._busy:
            self._resume()

    def _discard(self, size: int) -> None:
        """Throw away what comes in after our last word, up to a bound."""
        self._linger -= size
        if self._linger < 0 and not self._closing:
            self.abort()
