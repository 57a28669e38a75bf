"""An exchange that asks to become a WebSocket: refused, answered as any other, or handed over to ``websocket/``.

The client's handshake is judged first, upstream's comes before the client's is answered, and the mode in which the
WebSocket will pass is decided before upstream is asked.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.fields import Fields
from webproxy.message.rewrite import downstream_response
from webproxy.resources.forwarding import Forwarding
from webproxy.websocket.bridge import Bridge
from webproxy.websocket.compression import OFFER, accept, agreed, first_usable
from webproxy.websocket.opening import (
    VERSION,
    Opening,
    WrongVersionError,
    check_acceptance,
    check_protocol,
    read_opening,
)
from webproxy.websocket.tunnel import Tunnel

if TYPE_CHECKING:
    from webproxy.downstream.request import Request
    from webproxy.message.head import ResponseHead
    from webproxy.resources.forward import Forward
    from webproxy.upstream.connection import Connection
    from webproxy.websocket.compression import Deflates

VERSIONS: Final = ((b"Upgrade", b"websocket"), (b"Sec-WebSocket-Version", b"%d" % VERSION))
"""What a client of another version is told (RFC 6455 §4.4)."""

EXTENSIONS: Final = b"Sec-WebSocket-Extensions"


def upgrade(forward: Forward, request: Request) -> None:
    """Begin an exchange whose request asks for a WebSocket."""
    try:
        opening = read_opening(request.head.fields)
    except ClientProtocolError as error:
        request.record.closed_by = "client"
        wrong_version = isinstance(error, WrongVersionError)
        request.answer(error.status, f"webproxy: {error.detail}.", VERSIONS if wrong_version else ())
        return
    wanted = request.judgement is not None and request.judgement.frames
    kind = Bridging if forward.terms.frames(wanted) else Upgrading
    kind(forward, request, opening).begin()


class Upgrading(Forwarding):
    """To a tunnel. States: as of any exchange, and given away (the client has its 101, ``websocket/`` the connections).

    :param opening: the client's handshake.
    """

    __slots__ = ("_opening",)

    def __init__(self, forward: Forward, request: Request, opening: Opening) -> None:
        super().__init__(forward, request)
        self._opening = opening

    def upgraded(self, head: ResponseHead, block: bytes, early: bytes) -> None:
        """Join the two connections."""
        request, connection = self._request, self._connection
        if request is None or connection is None:
            return
        try:
            check_acceptance(self._opening.key, head.fields)
            self._agree(head)
        except UpstreamProtocolError as error:
            self.refuse_switch(error)
            return
        request.classify(inf)
        told = self._judged(request, head, None)
        if told is None:
            return
        self._request = self._connection = None
        joined = self._join(request, connection)
        connection.give_away(joined.upstream)
        told = self._as_told(told)
        block = block if told is head else downstream_response(told, 1, False, None)
        joined.begin(request.upgrade(block, joined, joined.client), early)

    def _agree(self, head: ResponseHead) -> None:
        """See what upstream agrees to: in a tunnel, that is the client's to judge."""

    def _join(self, request: Request, connection: Connection) -> Tunnel | Bridge:
        return Tunnel(self._forward.terms, request.record, request.channel, connection, request.limit)

    def _as_told(self, head: ResponseHead) -> ResponseHead:
        """Upstream's 101 as the client gets it."""
        return head


class Bridging(Upgrading):
    """To a bridge of frames: upstream is offered only what we can read, and each side gets an agreement of its own."""

    __slots__ = ("_accepted", "_deflates", "_offer")

    def __init__(self, forward: Forward, request: Request, opening: Opening) -> None:
        super().__init__(forward, request, opening)
        self._offer = first_usable(opening.offers)
        self._accepted: bytes | None = None
        self._deflates: Deflates = (None, None)
        request.head = request.head._replace(
            fields=_with_extensions(request.head.fields, OFFER if self._offer is not None else None)
        )

    def _agree(self, head: ResponseHead) -> None:
        check_protocol(self._opening.protocols, head.fields)
        ours = agreed(head.fields.get(EXTENSIONS.lower()), offered=self._offer is not None)
        if ours is not None:
            self._accepted, theirs = accept(self._offer)
            self._deflates = (theirs, ours)

    def _join(self, request: Request, connection: Connection) -> Tunnel | Bridge:
        terms, record = self._forward.terms, request.record
        return Bridge(terms, record, request.channel, connection, self._deflates, request.limit)

    def _as_told(self, head: ResponseHead) -> ResponseHead:
        if self._accepted is None:  # then upstream has agreed to none either
            return head
        return head._replace(fields=_with_extensions(head.fields, self._accepted))


def _with_extensions(fields: Fields, value: bytes | None) -> Fields:
    """Give the fields with this Sec-WebSocket-Extensions, or without any."""
    kept = [pair for pair in fields if pair[0].lower() != EXTENSIONS.lower()]
    return Fields(kept if value is None else [*kept, (EXTENSIONS, value)])
