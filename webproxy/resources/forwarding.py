"""One exchange with the internal service: between a request downstream and a connection upstream.

It joins the two without copying or collecting: what comes in on one side is written on the other, and who does
not keep up makes the other side wait.
"""

from __future__ import annotations

from math import inf
from time import monotonic
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from webproxy.errors import UpstreamError, UpstreamProtocolError
from webproxy.message.chunked import ChunkScanner
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.rewrite import downstream_response
from webproxy.resources.answers import for_failure, for_silence
from webproxy.upstream.retry import may_retry

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from webproxy.downstream.request import Request
    from webproxy.message.head import ResponseHead
    from webproxy.resources.forward import Forward
    from webproxy.upstream.connection import Connection


class Forwarding:
    """States: connecting, asked (the head is out), answering, unread (the client left, the answer drains), over."""

    __slots__ = (
        "_attempts",
        "_body_taken",
        "_connecting",
        "_connection",
        "_decoder",
        "_forward",
        "_head_due",
        "_request",
        "_until_close",
        "_whole",
    )

    def __init__(self, forward: Forward, request: Request) -> None:
        self._forward = forward
        self._request: Request | None = request
        self._connection: Connection | None = None
        self._connecting: Deferred[Connection] | None = None
        self._decoder: ChunkScanner | None = None
        self._attempts = 0
        self._body_taken = False
        self._whole = request.head.body == 0
        self._head_due = b""
        self._until_close = False

    def __repr__(self) -> str:
        return f"<Forwarding {self._request!r} over {self._connection!r}, attempt {self._attempts}>"

    def begin(self) -> None:
        """Ask the internal service, over a connection that rests or over a new one."""
        request, forward = self._request, self._forward
        if request is None:
            return
        request.responder = self
        if not forward.rule.settled:
            forward.rule.settle().addCallback(lambda _: self.begin())
            return
        connection = None if self._attempts else forward.pool.take(request.head.method, request.head.body)
        if connection is not None:
            self._ask(connection)
            return
        deadlines = request.deadlines
        self._connecting = forward.pool.connect(deadlines.connect if deadlines is not None else None)
        self._connecting.addCallbacks(self._connected, self._not_connected)

    def _connected(self, connection: Connection) -> None:
        self._connecting = None
        if self._request is not None and self._forward.rule.settled:
            self._ask(connection)
        else:
            connection.close()
            self.begin()

    def _not_connected(self, failure: Failure) -> None:
        self._connecting = None
        error = failure.value
        if isinstance(error, UpstreamError):
            self.failed(error)
        elif not isinstance(error, CancelledError):
            failure.raiseException()

    def _ask(self, connection: Connection) -> None:
        """Send the head, together with the beginning of the body if that is here."""
        request = self._request
        if request is None:
            return
        self._connection = connection
        self._attempts += 1
        request.record.asked = monotonic()
        if request.deadlines is not None:
            request.enter("head" if self._whole else "upload")
        head = self._forward.head_for(request)
        if request.body_at_hand():
            self._head_due = head
        else:
            connection.ask(self, request.head.method, head)
        if not self._whole:
            request.take_body(self)

    # Responder: what becomes of the client and of the request's body

    def body_received(self, data: bytes, complete: bool) -> None:
        """Send a piece of the request's body on."""
        connection = self._connection
        if connection is None or self._request is None:
            return
        self._body_taken = True
        self._whole = complete
        if complete and self._request.deadlines is not None:
            self._request.enter("head")
        if self._head_due:
            head, self._head_due = self._head_due, b""
            connection.ask(self, self._request.head.method, head + data)
        else:
            connection.write(data)

    def client_stalled(self) -> None:
        """The client does not keep up: the internal service waits."""
        if self._request is not None:
            self._request.enter("stall")
        if self._connection is not None:
            self._connection.pause()

    def client_ready(self) -> None:
        """The client has caught up."""
        if self._request is not None:
            self._request.enter("idle")
        if self._connection is not None:
            self._connection.resume()

    def client_left(self) -> None:
        """Nobody reads the answer any more: stop the internal service, unless told to let it finish."""
        request, connection = self._request, self._connection
        if connection is None or request is None or self._forward.on_disconnect == "abort" or not self._whole:
            self._drop()
        else:
            self._request = None
            connection.resume()
            connection.touch(request.limit)

    def deadline_passed(self) -> None:
        """Nothing moved for the class's idle limit: 504 before the head, a cut connection after it."""
        request = self._drop()
        if request is None:
            return
        if request.answering:
            request.abort("idle", f"nothing moved for {request.limit:g} s", reset=self._until_close)
            return
        request.record.closed_by = "idle"
        answer = for_silence(self._forward.pool.address, request.limit, request.record.traffic_class)
        request.answer(answer.status, answer.text)

    # Asker: what the internal service sends

    def interim(self, head: ResponseHead, block: bytes) -> None:
        """Pass an interim answer on (RFC 9110 §15.2), without what would frame a body (§8.6)."""
        if self._request is not None:
            self._request.interim(downstream_response(head, 1, False, None))

    def upgraded(self, head: ResponseHead, block: bytes) -> None:
        """The internal service switches protocols: from here on bytes are bytes."""
        request, connection = self._request, self._connection
        if request is None or connection is None:
            return
        if not request.head.websocket:  # RFC 9110 §7.8: whoever was asked nothing must not switch
            connection.abort()
            self.failed(UpstreamProtocolError("the internal service switches protocols, and was not asked to"))
            return
        self._until_close = True
        self._whole = False  # what the client sends now ends when it leaves
        request.classify(inf)
        told = self._judged(request, head)
        if told is not None:
            request.upgrade(block if told is head else downstream_response(told, 1, False, None))

    def answered(self, head: ResponseHead, data: bytes, complete: bool) -> None:
        """The answer begins; often it is all there already."""
        request, connection = self._request, self._connection
        if request is None or connection is None:
            if complete:  # it drained without a client
                self._release()
            return
        told = self._judged(request, self._forward.answer_head(request, head))
        if told is None:
            return
        minor = request.head.minor
        if head.body == UNTIL_CLOSE or (head.body == CHUNKED and not minor):
            data = self._end_by_close(request, head, data)
        closing = request.closing
        memo = connection.memo
        if memo is not None and memo[0] is head and memo[1] is closing and memo[2] == minor:
            block = memo[3]
        else:
            block = downstream_response(told, minor, closing, request.channel.site.date())
            plain = told is head is connection.remembered
            connection.memo = (head, closing, minor, block) if plain else None
        request.begin(head.status, block + data)
        if complete:
            self._answer_complete(request)

    def _judged(self, request: Request, head: ResponseHead) -> ResponseHead | None:
        """What the policies make of an answer's head; ``None``: they answered something else themselves."""
        judgement = request.judgement
        told = head if judgement is None else judgement.answered(head)
        if told is None:
            self._drop()
        elif request.deadlines is not None:
            request.enter("idle")
        return told

    def data_received(self, data: bytes, complete: bool) -> None:
        """The answer goes on."""
        request = self._request
        if request is None:
            if complete:  # it drained without a client
                self._release()
            return
        if self._decoder is not None:
            data = self._decoder.decode(data)[0]
        if data:
            request.write(data)
        if complete:
            self._answer_complete(request)

    def upstream_stalled(self) -> None:
        """The internal service does not keep up with the body: the client waits."""
        if self._request is not None:
            self._request.pause_body()

    def upstream_ready(self) -> None:
        """It has caught up."""
        if self._request is not None:
            self._request.resume_body()

    def failed(self, error: UpstreamError) -> None:
        """There will be no answer, or no more of it."""
        connection, self._connection = self._connection, None
        request = self._request
        if request is None:
            return
        reused = connection is not None and connection.reused
        method = request.head.method
        if may_retry(error, method, reused=reused, body_taken=self._body_taken, attempts=self._attempts):
            self.begin()
            return
        self._request = None
        if request.answering:
            request.abort("upstream", error.detail, reset=self._until_close)
            return
        answer = for_failure(error, self._forward.pool.address, starting=self._forward.starting)
        request.record.closed_by = "upstream"
        request.record.note = error.detail
        wait = answer.retry_after
        request.answer(answer.status, answer.text, [(b"Retry-After", b"%d" % wait)] if wait else (), reload_after=wait)

    # Ends

    def _drop(self) -> Request | None:
        """Let go of both sides: the internal service stops, and the request is the caller's to end."""
        request, self._request = self._request, None
        connection, self._connection = self._connection, None
        if self._connecting is not None:
            self._connecting.cancel()
        if connection is not None:
            connection.abort()
        return request

    def _end_by_close(self, request: Request, head: ResponseHead, data: bytes) -> bytes:
        """The client can see the end of this body only by the end of its connection; returns ``data`` for it."""
        self._until_close = True
        request.close_after()
        if head.body == CHUNKED:
            self._decoder = ChunkScanner()
            return self._decoder.decode(data)[0]
        return data

    def _answer_complete(self, request: Request) -> None:
        """The answer is out: put the connection back, or close it when the service did not want the whole body."""
        self._request = None
        request.record.answered = monotonic()
        self._release()
        request.finish()

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._whole:
            self._forward.pool.give_back(connection)
        else:
            connection.abort()
