"""One client connection: requests in, one after the other, and their answers out in the same order.

How what comes in is read is ``intake``'s; this file knows what a request may ask of its connection, and every way in
which a connection ends.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import classImplements

from webproxy.downstream.faults import of_late_head
from webproxy.downstream.handover import Handover
from webproxy.downstream.request import CLIENT_LEFT, Request
from webproxy.message.extent import Extent
from webproxy.message.forwarding import Arrival, claimed_client
from webproxy.message.framing import UNTIL_CLOSE
from webproxy.message.unreadable import NOTHING, legible
from webproxy.net.address import plain
from webproxy.net.progress import unsent

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.downstream.site import Site
    from webproxy.errors import ClientProtocolError
    from webproxy.message.head import RequestHead
    from webproxy.net.proxy_header import ProxyHeader, ProxyHeaderError

DRAINED: Final = 65536
"""Largest rest of a body that is read and thrown away to keep the connection, in bytes."""

ALLOW: Final = (b"Allow", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")
"""A 405 must say what is allowed (RFC 9110 §15.5.6); which of these a resource knows, only the service can tell."""

TLS_ALERT: Final = bytes((21, 3, 1, 0, 2, 2, 40))
"""Fatal handshake_failure (RFC 8446 §6.2), in a record that every version of TLS reads."""


class Channel(Handover):
    """A client connection.

    States: idle, head (part of one is here), exchange (a request runs), given away (after an upgrade), deaf (our last
    word is said: lingering until the client closes, or closing), closed.

    :ivar client: the client's address.
    :ivar place: what of it counts as one client; empty until that is known.
    :ivar draining: whether the connection ends with the current exchange.
    """

    __slots__ = ("_linger", "_pending", "arrival", "client", "draining", "place")

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self.draining = False
        self.place = ""
        self._linger = 0
        self._pending = 0

    def __repr__(self) -> str:
        state = "exchange" if self.request else "deaf" if self.deaf else "head" if self._buffer else "idle"
        return f"<Channel {self.client} {state} body={self._body} held={len(self._buffer)}>"

    # IProtocol

    def makeConnection(self, transport: Any) -> None:
        """Take the transport."""
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """Begin: nothing has been said yet."""
        site, transport = self.site, self.transport
        peer = plain(getattr(transport.getPeer(), "host", ""))
        transport.registerProducer(self, True)
        self.due = site.sweep.now + site.limits.keep_alive
        site.channel_opened(self)
        self._preface = peer in site.trust.layer_4
        self._arrive(peer, b"http", site.port, known=not self._preface)

    def _arrive(self, client: str, scheme: bytes, port: int, *, known: bool = True) -> None:
        """Take note of where this connection comes from; turn it away if there is no room for it."""
        site = self.site
        self.client = client
        self.arrival = Arrival(client, scheme, port, known and client in site.trust.http)
        if known:
            refusal = site.admit(self)
            if refusal is not None:
                self.refuse(refusal)

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone; so is the client, whatever it still waited for."""
        if self.paused:
            self.site.departures.unwatch(self.transport)
        self.site.channel_closed(self)
        self._buffer = b""
        self.due = math.inf
        request = self.request
        if request is None:
            return
        self.request = None
        if self.successor is None:
            self._client_left(request)
        else:
            self.successor = None
            request.conclude()

    # IPushProducer: the transport tells whether the client keeps up

    def pauseProducing(self) -> None:
        """The client does not keep up with the answer."""
        self._stalled = True
        if self.request is not None and self.request.responder is not None:
            self.request.responder.client_stalled()

    def resumeProducing(self) -> None:
        """The client has caught up."""
        self._stalled = False
        if self.request is None:
            if not self._busy:
                self._resume()
            return
        self.touch(self.request.limit)
        if self.request.responder is not None:
            self.request.responder.client_ready()

    def stopProducing(self) -> None:
        """The transport is gone; ``connectionLost`` says so too."""

    # What the intake asks

    def start(self, head: RequestHead) -> Request:
        """Make the request that ``head`` begins."""
        request = self.request = Request(self, head)
        if self.arrival.trusted:
            request.record.client = claimed_client(head) or self.client
        self.due = self.site.sweep.now + request.limit
        return request

    def refuse(self, error: ClientProtocolError, head: bytes = b"") -> None:
        """Answer what broke the rules, and close: nothing behind it can be trusted.

        :param head: what is here of a head that could not be taken.
        """
        self.draining = True
        request = self.request
        if request is None:
            request = self.request = Request(self, legible(head))
        elif request.responder is not None:
            request.responder.client_left()
        request.record.closed_by = "client"
        request.record.note = error.detail
        self._body = Extent(UNTIL_CLOSE)
        if request.answering:
            self.request_cut(request, reset=True)
        else:
            request.answer(error.status, f"webproxy: {error.detail}.", (ALLOW,) if error.status == 405 else ())

    def refuse_tls(self) -> None:
        """Turn away a client that speaks TLS, in its own language."""
        request = self.request = Request(self, NOTHING)
        request.record.status = 400
        request.record.closed_by = "client"
        request.record.note = "https spoken to the plain port"
        request.write(TLS_ALERT)
        self._body = Extent(UNTIL_CLOSE)  # of whatever else it says
        request.finish()

    def refuse_preface(self, error: ProxyHeaderError) -> None:
        """Turn away a layer-4 peer that does not say for whom it speaks: the specification forbids to guess (§2)."""
        request = self.request = Request(self, NOTHING)
        request.record.status = 400
        request.abort("client", str(error), reset=True)

    def introduce(self, header: ProxyHeader) -> None:
        """Take note of the client that a layer-4 peer speaks for: from here on it is the peer, for trust as well."""
        scheme = b"https" if header.tls else b"http"
        self._arrive(plain(header.source or self.client), scheme, header.port or self.site.port)

    def discard(self, size: int) -> None:
        """Throw away what comes in after our last word, up to a bound."""
        self._linger -= size
        if self._linger < 0:
            self.abort()

    # What requests ask of their channel

    def touch(self, limit: float) -> None:
        """Let the current wait last ``limit`` seconds from now."""
        self.due = self.site.sweep.now + limit

    def must_close(self, request: Request) -> bool:
        """Whether an answer now leaves a rest of the request's body that is large, or may never come."""
        body = self._body
        return body is not None and (not 0 < body.left <= DRAINED or request.head.expects_continue)

    def request_ended(self, request: Request, closing: bool) -> None:
        """The answer is complete; go on with the next request, or close."""
        self.request = None
        self.body_stalled = False
        request.conclude()
        if self._body is not None and self.must_close(request):
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
        request.conclude()
        if reset:
            self.abort()
        else:
            self.close()

    def close(self) -> None:
        """Close once everything written has been sent, or when for an idle limit nothing of it could be."""
        self.draining = self.deaf = True
        self._linger = self.site.limits.linger
        self.touch(self.site.idle)
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self.deaf = True
        self.transport.abortConnection()

    def drain(self) -> None:
        """End with the current exchange; at once if there is none."""
        self.draining = True
        if self.successor is not None:
            self.successor.going_away()
        elif self.request is None and not self.deaf:
            self.close()

    def expired(self, now: float) -> None:
        """The current wait has lasted too long."""
        self.due = math.inf
        if self._client_reads():
            return
        if self.deaf:
            self.abort()
        elif self.request is not None:
            self._exchange_expired(self.request)
        elif self._buffer:
            self.refuse(of_late_head(self.site.limits), self._buffer)
        else:
            self.close()

    # Ends

    def _client_left(self, request: Request) -> None:
        """Tell whoever answers that nobody listens, and write the exchange down."""
        record = request.record
        record.closed_by = record.closed_by or "client"
        record.status = record.status or CLIENT_LEFT
        if request.responder is not None:
            request.responder.client_left()
        request.conclude()

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

    def _begin_lingering(self) -> None:
        """Close our side and read on for a while, so that the client sees the answer and no reset (RFC 9112 §9.6)."""
        self.draining = self.deaf = True
        self._linger = self.site.limits.linger
        self._body = None
        self.touch(self.site.limits.linger_time)
        self.transport.unregisterProducer()
        self.transport.loseWriteConnection()
        if not self._busy:
            self._resume()


classImplements(Channel, IProtocol, IPushProducer)
