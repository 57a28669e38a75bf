"""Ordinary twisted.web resources in our chain.

Such a resource expects the whole body and twisted.web's own request, with sessions, forms and cookies. It gets
exactly that: the library's request class on a stand-in for the library's channel. What does not stream costs what
it costs; the hot path never comes here.
"""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from twisted.internet._producer_helpers import _PullToPush
from twisted.internet.error import ConnectionDone
from twisted.python.failure import Failure
from twisted.web import server
from twisted.web.server import NOT_DONE_YET

from webproxy.message.chunked import ChunkScanner
from webproxy.message.fields import Fields
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.message.head import ResponseHead
from webproxy.message.rewrite import downstream_response
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.interfaces import IAddress
    from twisted.web.http_headers import Headers
    from twisted.web.resource import IResource

    from webproxy.downstream.request import Request
    from webproxy.net.stream import StreamProducer, StreamTransport

CONTENT_LIMIT = 1 << 20
"""Largest body that is collected for an ordinary resource, in bytes (413 above)."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Ordinary(StreamingResource):
    """Lets a tree of ordinary resources be part of the chain.

    The tree is walked as soon as the head is complete; a resource of the chain found in it streams, any other is
    rendered when the body is here.

    :param root: the tree's root.
    :param reactor: for the sessions of twisted.web.
    """

    def __init__(self, root: IResource, reactor: Any) -> None:
        self._site = server.Site(root, reactor=reactor)

    def render(self, request: Request) -> int:
        """Find the resource and let it answer."""
        stand_in = StandIn(self._site, request)
        ordinary = OrdinaryRequest(stand_in)
        stand_in.ordinary = ordinary
        ordinary.find(self._site, request)
        if getattr(ordinary.found, "streams", False):
            ordinary.found.render(request)
        else:
            stand_in.begin()
        return NOT_DONE_YET


class OrdinaryRequest(server.Request):
    """twisted.web's request, for which the resource is found before the body is here."""

    found: Any = None

    def find(self, site: server.Site, request: Request) -> None:
        """Walk the tree with what the head says."""
        head = request.head
        self.method, self.uri = head.method, head.target
        self.clientproto = b"HTTP/1.%d" % head.minor
        self.path = head.target.partition(b"?")[0]
        for name, value in head.fields:
            self.requestHeaders.addRawHeader(name, value)
        self.parseCookies()
        self.prepath: list[bytes] = []
        self.postpath: list[bytes] = [unquote_to_bytes(part) for part in self.path[1:].split(b"/")]
        self.site = site
        self.found = site.getResourceFor(self)

    def process(self) -> None:
        """Render what was found; the body is here."""
        try:
            self.render(self.found)
        except Exception:  # noqa: BLE001 - a resource may raise anything; twisted.web logs it and answers 500
            self.processingFailed(Failure())


class StandIn:
    """What twisted.web's request takes for its channel, and our request for its responder."""

    factory = None
    ordinary: OrdinaryRequest

    def __init__(self, site: server.Site, request: Request) -> None:
        self.site = site
        self._request = request
        self._content = BytesIO()
        self._decoder = ChunkScanner() if request.head.body == CHUNKED else None
        self._producer: StreamProducer | None = None

    def begin(self) -> None:
        """Collect the body, or render at once when there is none."""
        request = self._request
        head = request.head
        if head.body > CONTENT_LIMIT:
            self._too_large()
        elif head.body == 0:
            request.responder = self
            self._whole()
        else:
            if head.expects_continue:
                request.interim(CONTINUE)
            request.take_body(self)

    def _too_large(self) -> None:
        self._request.responder = None
        self._request.answer(413, f"webproxy: this resource takes at most {CONTENT_LIMIT} bytes.")

    def _whole(self) -> None:
        ordinary = self.ordinary
        ordinary.content = self._content
        ordinary.requestReceived(ordinary.method, ordinary.uri, ordinary.clientproto)

    # Responder

    def body_received(self, data: bytes, complete: bool) -> None:
        """Collect a piece of the body."""
        if self._decoder is not None:
            data = self._decoder.decode(data)[0]
        self._content.write(data)
        if self._content.tell() > CONTENT_LIMIT:
            self._too_large()
        elif complete:
            self._whole()

    def client_stalled(self) -> None:
        """Make the resource wait."""
        if self._producer is not None:
            self._producer.pauseProducing()

    def client_ready(self) -> None:
        """Let the resource write on."""
        if self._producer is not None:
            self._producer.resumeProducing()

    def client_left(self) -> None:
        """Tell the resource, the twisted.web way."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.stopProducing()
        self.ordinary.connectionLost(Failure(ConnectionDone()))

    def deadline_passed(self) -> None:
        """The resource fell silent."""
        self.client_left()
        self._request.abort("idle", "an ordinary resource fell silent", reset=True)

    # What twisted.web's request asks of its channel

    @property
    def transport(self) -> StreamTransport:
        """The connection's transport."""
        return self._request.channel.transport

    def getPeer(self) -> IAddress:
        """The client's address."""
        return self.transport.getPeer()

    def getHost(self) -> IAddress:
        """Our address."""
        return self.transport.getHost()

    def isSecure(self) -> bool:
        """Whether the client came over TLS."""
        return self._request.arrival.scheme == b"https"

    def writeHeaders(self, version: bytes, code: bytes, reason: bytes, headers: Headers) -> None:
        """Send the answer's head."""
        request = self._request
        pairs = [(name, value) for name, values in headers.getAllRawHeaders() for value in values]
        fields = Fields(pairs)
        length = fields.get(b"content-length")
        status = int(code)
        if b"transfer-encoding" in fields:
            body = CHUNKED
        elif length is not None:
            body = int(length)
        else:
            body = 0 if status in (204, 304) or request.head.method == b"HEAD" else UNTIL_CLOSE
        if body == UNTIL_CLOSE:
            request.close_after()
        head = ResponseHead(status, reason, 1, fields, body, True)
        date = request.channel.site.date()
        request.begin(status, downstream_response(head, request.head.minor, request.closing, date))

    def write(self, data: bytes) -> None:
        """Send a piece of the answer."""
        self._request.write(data)

    def writeSequence(self, pieces: Sequence[bytes]) -> None:
        """Send several pieces of the answer."""
        self._request.write(b"".join(pieces))

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """Let ``producer`` be told whether the client keeps up."""
        if streaming:
            self._producer = producer
        else:
            pull = self._producer = _PullToPush(producer, self.ordinary)
            pull.startStreaming()

    def unregisterProducer(self) -> None:
        """Let it be told no more."""
        producer, self._producer = self._producer, None
        if isinstance(producer, _PullToPush):
            producer.stopStreaming()

    def requestDone(self, ordinary: OrdinaryRequest) -> None:
        """The answer is complete."""
        self._request.finish()

    def loseConnection(self) -> None:
        """The resource gives up."""
        self._request.abort("error", "an ordinary resource closed the connection", reset=True)

    def _respondToBadRequestAndDisconnect(self) -> None:
        self._request.close_after()
        self._request.answer(400, "webproxy: the form in this request's body is malformed.")
