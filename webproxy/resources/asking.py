"""How a request gets to the internal service: a connection, the head, the body as it comes.

What comes back is ``forwarding``'s.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from twisted.internet.defer import CancelledError

from webproxy.downstream.request import Responder
from webproxy.errors import UpstreamError
from webproxy.resources.bypass import THRESHOLD, Bypass, worthwhile
from webproxy.upstream.asker import Asker

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from webproxy.downstream.request import Request
    from webproxy.resources.answers import Missing
    from webproxy.resources.forward import Forward
    from webproxy.upstream.connection import Connection


class Asking(Responder, Asker):
    """The half of an exchange that asks. Its other half is the responder of the request, and the connection's asker."""

    __slots__ = (
        "_attempts",
        "_body_taken",
        "_bypass",
        "_connecting",
        "_connection",
        "_forward",
        "_head_due",
        "_request",
        "_whole",
    )

    def __init__(self, forward: Forward, request: Request) -> None:
        self._forward = forward
        self._request: Request | None = request
        self._connection: Connection | None = None
        self._connecting: Deferred[Connection] | None = None
        self._attempts = 0
        self._body_taken = False
        self._whole = request.head.body == 0
        self._head_due = b""
        self._bypass: Bypass | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._request!r} over {self._connection!r}, attempt {self._attempts}>"

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
        left = self._request.head.body
        if left >= THRESHOLD and worthwhile(self._request.channel.body_left, 0):
            self._bypassing().take_body(self._forward.relays, self, self._request, connection)

    def body_relayed(self, *, complete: bool) -> None:
        """The body has gone past us; or it will not be complete, which the client's connection finds out now."""
        request = self._request
        self._bypassing().body = None
        if request is not None and complete:
            self._whole = True
            if request.deadlines is not None:
                request.enter("head")

    def _bypassing(self) -> Bypass:
        """Who keeps this exchange's relays."""
        if self._bypass is None:
            self._bypass = Bypass()
        return self._bypass

    def upstream_stalled(self) -> None:
        """The internal service does not keep up with the body: the client waits."""
        if self._request is None:
            return
        if self._bypass is not None and self._bypass.body is not None:
            self._request.channel.body_waits()
        else:
            self._request.pause_body()

    def upstream_ready(self) -> None:
        """It has caught up."""
        if self._request is None:
            return
        if self._bypass is not None and self._bypass.body is not None:
            self._request.channel.body_goes_on()
        else:
            self._request.resume_body()

    def _missing(self) -> Missing:
        """What this exchange, not answered yet, waits for."""
        request = self._request
        if request is None or self._connection is None:
            return "connection"
        if self._whole or (request.head.expects_continue and not self._body_taken):
            return "answer"
        return "intake" if request.body_stalled else "client"

    def _drop(self) -> Request | None:
        """Let go of both sides: the internal service stops, and the request is the caller's to end."""
        request, self._request = self._request, None
        connection, self._connection = self._connection, None
        if self._bypass is not None:
            self._bypass.end()
        if self._connecting is not None:
            self._connecting.cancel()
        if connection is not None:
            connection.abort()
        return request
