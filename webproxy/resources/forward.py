"""The end of the chain: every request goes to the internal service, unless it says that it may go no further."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from twisted.web.server import NOT_DONE_YET

from webproxy.access.cookies import is_marked
from webproxy.access.stripping import stripped
from webproxy.message.max_forwards import ends_here
from webproxy.message.origin import (
    Names,
    by_link,
    by_public_way,
    inward,
    names_itself,
    outward,
    own_origins,
    public_origin,
)
from webproxy.message.rewrite import upstream_request
from webproxy.resources.chain import StreamingResource
from webproxy.resources.forwarding import Forwarding
from webproxy.resources.last_hop import answer_last_hop
from webproxy.resources.upgrading import upgrade

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.message.forwarding import Arrival
    from webproxy.message.head import RequestHead, ResponseHead
    from webproxy.net.relays import Relays
    from webproxy.upstream.host_rule import HostRule
    from webproxy.upstream.pool import Pool
    from webproxy.websocket.terms import Terms


class Forward(StreamingResource):
    """Forwards requests.

    :param pool: connections to the internal service.
    :param rule: under which name the internal service is addressed.
    :param terms: on which WebSockets pass.
    :param relays: join the two sides for large bodies.
    :param on_disconnect: what becomes of an exchange whose client left: ``abort`` closes the connection to the
        internal service at once, ``drain`` lets the answer end unread.
    :param wait_upstream: seconds for which a service that refuses connections counts as starting, not as absent.
    :param public: the origin under which the public knows the service; empty: as each request says.
    """

    def __init__(
        self,
        pool: Pool,
        rule: HostRule,
        terms: Terms,
        *,
        relays: Relays,
        on_disconnect: Literal["abort", "drain"] = "abort",
        wait_upstream: float = 0.0,
        public: bytes = b"",
    ) -> None:
        self.pool = pool
        self.rule = rule
        self.terms = terms
        self.relays = relays
        self.public = public
        self.on_disconnect = on_disconnect
        self.wait_upstream = wait_upstream

    def render(self, request: Request) -> int:
        """Begin the exchange with the internal service."""
        head = request.head
        if b"max-forwards" in head.fields.combined and ends_here(head):
            answer_last_hop(request)
        elif head.websocket:
            upgrade(self, request)
        else:
            Forwarding(self, request).begin()
        return NOT_DONE_YET

    def head_for(self, request: Request) -> bytes:
        """The request's head as the internal service gets it.

        A client that repeats its last head block gets the same rewriting (8 us for a browser's head, 0.2 us again);
        only the request id is new.
        """
        channel, head = request.channel, request.head
        host = self.rule.host
        remembered = channel.remembered
        if remembered is not None and remembered[0] is head and remembered[1] == host:
            block = remembered[2]
        else:
            block = self._rewritten(head, channel.arrival, host)
            channel.remember(head, host, block)
        if request.added:
            block += b"".join([b"%b: %b\r\n" % pair for pair in request.added])
        return b"%sX-Request-Id: %s\r\n\r\n" % (block, request.record.id)

    def _rewritten(self, head: RequestHead, arrival: Arrival, host: bytes | None) -> bytes:
        """Tell a request from the public in the terms of the internal service."""
        if self.public:
            arrival = by_public_way(head, arrival, self.public)
        head = by_link(head)
        if is_marked(head.fields.combined.get(b"cookie", b"")):  # another webproxy's: ports share cookies
            head = stripped(head, ours=False)
        if host is None:
            return upstream_request(head, arrival, head.authority or self.rule.local)
        names = Names(public_origin(head, arrival, self.public), b"http://" + host)
        return upstream_request(inward(head, names), arrival, host)

    def answer_head(self, request: Request, head: ResponseHead) -> ResponseHead:
        """An answer's head as the public should see it; the same object when there is nothing to change."""
        if not names_itself(head.fields):
            return head
        asked = request.head
        public = public_origin(asked, request.arrival, self.public)
        return outward(head, public, own_origins(self.rule.host, asked.authority, public))

    @property
    def starting(self) -> bool:
        """Whether the internal service, down now, may still be on its way up."""
        since = self.pool.down_since
        return since is not None and self.pool.sweep.now - since < self.wait_upstream
