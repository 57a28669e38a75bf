"""One connection to the internal service: a request out, its answer in, then the next.

How what comes in is read is ``intake``'s; this file knows what may be asked of a connection, and every way in which one
ends.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import classImplements

from webproxy.errors import UpstreamError, UpstreamSpeaksTls, UpstreamTimeout
from webproxy.message.framing import UNTIL_CLOSE
from webproxy.net.hang_up import hang_up
from webproxy.net.last_words import last_words
from webproxy.net.peek import quiet
from webproxy.upstream.faults import of_early_end
from webproxy.upstream.intake import Intake

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.message.head import ResponseHead
    from webproxy.net.stream import StreamTransport
    from webproxy.upstream.asker import Asker
    from webproxy.upstream.pool import Pool


class Connection(Intake):
    """States: resting (in the pool), asked (no head yet), answering (a body is coming in), closed.

    :ivar sent: bytes written for the current request.
    :ivar reused: whether it has answered before.
    :ivar paused: whether the answer is not read for now.
    :ivar stalled: whether the service does not keep up with what we send.
    :ivar rested_since: when its last exchange ended, on the sweep's clock.
    :ivar judged: the remembered head, and what it was judged to change nothing of; the asker may keep one value here.
    :ivar memo: what the asker made of the remembered head; it may keep one value here.
    """

    __slots__ = ("_pool", "due", "judged", "memo", "paused", "rested_since", "reused", "sent", "stalled", "transport")

    transport: StreamTransport

    def __init__(self, pool: Pool) -> None:
        super().__init__()
        self._pool = pool
        self.due = math.inf
        self.paused = False
        self.stalled = False
        self.sent = 0
        self.reused = False
        self.rested_since = 0.0
        self.judged: tuple[ResponseHead, object] | None = None
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

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone: that ends an until-close body, and is a failure everywhere else.

        Whoever refuses an upload often closes with the rest of it unread. Then our own write fails before the refusal
        has been read, which waits in the kernel.
        """
        self.due = math.inf
        self.lost = True
        self.reusable = False
        self._pool.forget(self)
        if self._asker is not None and not self.paused and (data := last_words(self.transport)):
            self.dataReceived(data)
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
        self.stalled = True
        if self._asker is not None:
            self._asker.upstream_stalled()

    def resumeProducing(self) -> None:
        """It has caught up."""
        self.stalled = False
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
        if not self.lost:
            self.transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        self.paused = False
        if not self.lost:
            self.transport.resumeProducing()

    @property
    def busy(self) -> bool:
        """Whether somebody waits for an answer, or for the rest of one."""
        return self._asker is not None

    def give_away(self, protocol: IProtocol) -> None:
        """The answer was 101: what comes from here on is ``protocol``'s."""
        self.release()
        self.judged = self.memo = None
        self.transport.unregisterProducer()
        self.transport.protocol = protocol
        if self.paused:
            self.resume()

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
        hang_up(self.transport)

    def answer_passed(self) -> bool:
        """Whether an answer that went past us is complete.

        What the service said behind it has not been read yet: it must not become the answer to the next request.
        """
        if self.body_left:
            return False
        if not quiet(self.transport):
            self.reusable = False
        return True

    def broken(self) -> None:
        """Its socket broke while somebody else wrote: hear what the service said last, and end."""
        if not self.paused and (data := last_words(self.transport)):
            self.dataReceived(data)
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

    def _gone(self) -> UpstreamError:
        begun = self._body is not None or bool(self._buffer) or self._interim > 0
        tls = not begun and not self.reused and self._pool.doubt.raised()
        return UpstreamSpeaksTls() if tls else of_early_end(self.sent, begun=begun)


classImplements(Connection, IProtocol, IPushProducer)
