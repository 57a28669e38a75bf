"""One exchange with the internal service: how its answer comes back, and every way in which the exchange ends.

How the request gets there is ``asking``'s. The two sides are joined without copying or collecting: what comes in on one
is written on the other, and who does not keep up makes the other side wait.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from webproxy.errors import UpstreamProtocolError
from webproxy.message.chunked import ChunkScanner
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.rewrite import downstream_response
from webproxy.resources.answers import for_failure, for_silence, give
from webproxy.resources.asking import Asking
from webproxy.resources.bypass import THRESHOLD, worthwhile
from webproxy.upstream.retry import may_retry

if TYPE_CHECKING:
    from webproxy.downstream.request import Judgement, Request
    from webproxy.errors import UpstreamError
    from webproxy.message.head import ResponseHead
    from webproxy.resources.forward import Forward
    from webproxy.upstream.connection import Connection


class Forwarding(Asking):
    """States: connecting, asked (the head is out), answering, unread (the client left, the answer drains), over."""

    __slots__ = ("_decoder", "_judgement", "_large", "_until_close")

    def __init__(self, forward: Forward, request: Request) -> None:
        super().__init__(forward, request)
        self._decoder: ChunkScanner | None = None
        self._until_close = False
        self._judgement: Judgement | None = None  # of an answer that drains: it is over when the service has finished
        self._large = False  # the answer may yet turn out to be worth a relay

    # Responder: what becomes of the client

    def client_stalled(self) -> None:
        """The client does not keep up: the internal service waits."""
        if self._request is not None:
            self._request.enter("stall")
        if self._connection is not None and (self._bypass is None or self._bypass.answer is None):
            self._connection.pause()

    def client_ready(self) -> None:
        """The client has caught up."""
        if self._request is not None:
            self._request.enter("idle")
        if self._connection is not None and (self._bypass is None or self._bypass.answer is None):
            self._connection.resume()

    def client_left(self) -> None:
        """Nobody reads the answer any more: stop the internal service, unless told to let it finish."""
        request, connection = self._request, self._connection
        if connection is None or request is None or self._forward.on_disconnect == "abort" or not self._whole:
            self._drop()
        else:
            self._request = None
            self._judgement, request.judgement = request.judgement, None
            bypass = self._bypass
            if bypass is not None and bypass.answer is not None and connection.answer_passed():
                self._drained()  # only the client had still to take the last of it
                return
            if bypass is not None:
                bypass.end()
            connection.resume()
            connection.touch(request.limit)

    def deadline_passed(self) -> None:
        """Nothing moved for the class's idle limit: 504 before the head, a cut connection after it."""
        missing = self._missing()
        request = self._drop()
        if request is None:
            return
        if request.answering:
            request.abort("idle", f"nothing moved for {request.limit:g} s", reset=self._until_close)
            return
        request.record.closed_by = "idle"
        give(for_silence(missing, self._forward.pool.address, request.limit, request.record.traffic_class), request)

    # Asker: what the internal service sends

    def interim(self, head: ResponseHead, block: bytes) -> None:
        """Pass an interim answer on (RFC 9110 §15.2), without what would frame a body (§8.6)."""
        if self._request is not None:
            self._request.interim(downstream_response(head, 1, False, None))

    def upgraded(self, head: ResponseHead, block: bytes, early: bytes) -> None:
        """The internal service switches protocols. RFC 9110 §7.8: whoever was asked nothing must not."""
        self.refuse_switch(UpstreamProtocolError("it switches protocols, and was not asked to"))

    def refuse_switch(self, error: UpstreamError) -> None:
        """Take no further word from a service whose 101 is unsound."""
        if self._connection is not None:
            self._connection.abort()
        self.failed(error)

    def answered(self, head: ResponseHead, data: bytes, complete: bool) -> None:
        """The answer begins; often it is all there already."""
        request, connection = self._request, self._connection
        if request is None or connection is None:
            if complete:
                self._drained()
            return
        told = self._judged(request, self._forward.answer_head(request, head), connection)
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
            block = downstream_response(told, minor, closing, None)
            plain = told is head is connection.remembered
            connection.memo = (head, closing, minor, block) if plain else None
        if b"date" not in told.fields.combined:  # RFC 9110 §6.6.1: ours is today's, never remembered
            block = b"%bDate: %b\r\n\r\n" % (block[:-2], request.channel.site.date())
        request.begin(head.status, block + data)
        if complete:
            self._answer_complete(request)
        elif head.body >= THRESHOLD or head.body == UNTIL_CLOSE:
            self._large = True
            self._bypass_answer(request, connection)

    def _bypass_answer(self, request: Request, connection: Connection) -> None:
        """Let the rest of the answer go past us, if it is long."""
        if worthwhile(connection.body_left, request.record.sent):
            self._large = False
            self._bypassing().take_answer(self._forward.relays, self, request, connection)

    def answer_relayed(self, *, complete: bool) -> None:
        """The answer has gone past us; or the service has closed, which its connection finds out now."""
        self._bypassing().answer = None
        if self._request is not None and complete:
            self._answer_complete(self._request)

    def _judged(self, request: Request, head: ResponseHead, connection: Connection | None) -> ResponseHead | None:
        """What the policies make of an answer's head; ``None``: they answered something else themselves.

        A service that repeats a head to requests that were judged alike is not judged again (2 us).
        """
        judgement = request.judgement
        if judgement is None:
            return head
        before = judgement.outcome
        if connection is not None and connection.judged is not None and judgement.by_head:
            judged, outcome = connection.judged
            if judged is head and outcome is before:
                return head
        told = judgement.answered(head)
        if told is head and judgement.outcome is before and connection is not None and head is connection.remembered:
            connection.judged = (head, before)
        if told is None:
            self._drop()
        elif request.deadlines is not None:
            request.enter("idle")
        return told

    def data_received(self, data: bytes, complete: bool) -> None:
        """The answer goes on."""
        request = self._request
        if request is None:
            if complete:
                self._drained()
            return
        if self._decoder is not None:
            data = self._decoder.decode(data)[0]
        if data:
            request.write(data)
        if complete:
            self._answer_complete(request)
        elif self._large and self._connection is not None:
            self._bypass_answer(request, self._connection)

    def failed(self, error: UpstreamError) -> None:
        """There will be no answer, or no more of it."""
        connection, self._connection = self._connection, None
        if self._bypass is not None:
            self._bypass.end()
        request = self._request
        if request is None:
            self._drained()
            return
        reused = connection is not None and connection.reused
        method = request.head.method
        if may_retry(error, method, reused=reused, body_taken=self._body_taken, attempts=self._attempts):
            self.begin()
            return
        self._request = None
        request.record.failed_in = "connect" if connection is None else "body" if request.answering else "head"
        if request.answering:
            request.abort("upstream", error.detail, reset=self._until_close)
            return
        request.record.closed_by = "upstream"
        request.record.note = error.detail
        give(for_failure(error, self._forward.pool.address, starting=self._forward.starting), request)

    # Ends

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

    def _drained(self) -> None:
        """The answer that nobody read is over, in whatever way: only now the service works for this client no more."""
        self._release()
        judgement, self._judgement = self._judgement, None
        if judgement is not None:
            judgement.ended()

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if self._bypass is not None:
            self._bypass.end()
        if connection is None:
            return
        if self._whole:
            self._forward.pool.give_back(connection)
        else:
            connection.abort()
