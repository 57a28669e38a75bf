"""One request, from its head to the end of its answer.

The chain receives this object as soon as the head is complete; the body is not here yet and is never collected.
Whoever answers takes the body as it comes (:class:`Responder`) and sends the answer as it likes, piece by piece;
the channel is told when it is over.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Literal, Protocol

from webproxy.access.cors import own_answer_pairs
from webproxy.message import answer
from webproxy.message.fields import Fields
from webproxy.message.forwarding import request_id
from webproxy.message.head import ResponseHead
from webproxy.message.record import ExchangeRecord
from webproxy.message.rewrite import downstream_response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from twisted.internet.interfaces import IProtocol

    from webproxy.downstream.channel import Channel
    from webproxy.message.fields import Pair
    from webproxy.message.forwarding import Arrival
    from webproxy.message.head import RequestHead
    from webproxy.policy import Deadlines

CLIENT_LEFT: Final = 499
"""Status that the record shows when the client left first; never sent (nginx's convention)."""


class Responder(Protocol):
    """Whoever answers a request: takes its body, and learns what becomes of the client."""

    __slots__ = ()

    def body_received(self, data: bytes, complete: bool) -> None:
        """Take a piece of the body, in its transfer coding; ``complete`` says that it was the last."""

    def client_stalled(self) -> None:
        """Write no more for now: the client does not keep up."""

    def client_ready(self) -> None:
        """Write on."""

    def client_left(self) -> None:
        """Stop: nobody reads the answer any more."""

    def deadline_passed(self) -> None:
        """End the exchange: its idle limit has passed."""


class Judgement(Protocol):
    """What policies say of an exchange.

    :ivar by_head: whether what they say depends on the heads alone.
    :ivar outcome: what they have said so far; the same object as long as nothing changes.
    """

    @property
    def by_head(self) -> bool: ...  # noqa: D102

    @property
    def outcome(self) -> object: ...  # noqa: D102

    @property
    def frames(self) -> bool:
        """Whether somebody wants the frames of a WebSocket."""

    def ended(self) -> None:
        """The exchange is over."""

    def answered(self, head: ResponseHead) -> ResponseHead | None:
        """The answer begins; its head as the client gets it, ``None`` when something else was answered."""

    def tunnel_opened(self) -> None:
        """The client has its 101."""


class Successor(Protocol):
    """Whoever has a client's connection after its upgrade, until it is lost: then its channel must be told."""

    def going_away(self) -> None:
        """We stop soon: whoever can say goodbye does."""

    def counts(self) -> tuple[int, int]:
        """Give how many bytes came from the client, and went to it, that the record does not show yet."""


class Request:
    """A request that runs. States: open (nothing sent), answering (a head was sent), ended.

    :ivar head: what was asked.
    :ivar record: what it has come to so far.
    :ivar responder: who is told what becomes of the client, and gets the body once it asks for that.
    :ivar limit: idle limit of the current phase in seconds; a byte in either direction starts it anew.
    :ivar class_limit: that of the traffic class, for phases that have none of their own.
    :ivar judgement: what the policies say of the exchange, and want to hear of it.
    :ivar deadlines: limits for single phases, in place of ``limit``.
    :ivar added: fields that policies add for the internal service.
    """

    __slots__ = (
        "added",
        "answering",
        "channel",
        "class_limit",
        "deadlines",
        "head",
        "judgement",
        "limit",
        "record",
        "responder",
        "wants_body",
    )

    def __init__(self, channel: Channel, head: RequestHead) -> None:
        site = channel.site
        self.channel: Channel = channel
        self.head = head
        self.limit = self.class_limit = site.idle
        self.responder: Responder | None = None
        self.answering = False
        self.wants_body = False
        self.added: tuple[Pair, ...] = ()
        self.judgement: Judgement | None = None
        self.deadlines: Deadlines | None = None
        self.record = ExchangeRecord(request_id(head) or site.next_id(), channel.client, head, monotonic())

    def __repr__(self) -> str:
        state = "ended" if self.ended else "answering" if self.answering else "open"
        path = self.head.target.partition(b"?")[0]  # a query may hold a token, and this may end up in a log
        return f"<Request {self.record.id!r} {self.head.method!r} {path!r} {state}>"

    @property
    def ended(self) -> bool:
        """Whether the exchange is over."""
        return self.channel.request is not self

    @property
    def arrival(self) -> Arrival:
        """Where the request came from."""
        return self.channel.arrival

    @property
    def closing(self) -> bool:
        """Whether the connection ends with this answer."""
        return not self.head.persistent or self.channel.draining

    def take_body(self, responder: Responder) -> None:
        """Let ``responder`` have the body, beginning with what is here already."""
        self.responder = responder
        self.wants_body = True
        self.channel.body_wanted()

    def body_at_hand(self) -> bool:
        """Whether ``take_body`` will hand over a first piece at once."""
        return self.channel.body_at_hand()

    @property
    def body_stalled(self) -> bool:
        """Whether whoever takes the body does not keep up."""
        return self.channel.body_stalled

    def pause_body(self) -> None:
        """Read no more of the body for now."""
        self.channel.pause_body()

    def resume_body(self) -> None:
        """Read on."""
        self.channel.resume_body()

    def close_after(self) -> None:
        """Let the connection end with this answer."""
        self.channel.draining = True

    def upgrade(self, block: bytes, successor: Successor, protocol: IProtocol) -> bytes:
        """Answer 101 and give the connection away.

        :param protocol: gets the bytes from here on.
        :returns: what the client has sent behind its request already.
        """
        self.responder = None
        self.begin(101, block)
        self.close_after()
        early = self.channel.give_away(successor, protocol)
        if self.channel.site.draining:
            successor.going_away()
        if self.judgement is not None:
            self.judgement.tunnel_opened()
        return early

    def classify(self, limit: float) -> None:
        """The exchange is of a class with this idle limit, from now on."""
        self.limit = self.class_limit = limit
        self.channel.touch(limit)

    def enter(self, phase: Literal["head", "idle", "stall", "upload"]) -> None:
        """A phase begins; a policy may have set a limit for it."""
        if self.deadlines is not None:
            own: float | None = getattr(self.deadlines, phase)
            self.limit = self.class_limit if own is None else own
            self.channel.touch(self.limit)

    def conclude(self) -> None:
        """The exchange is over, however it ended: write it down, tell the policies."""
        self.record.ended = monotonic()
        self.channel.site.exchange_ended(self.record)
        if self.judgement is not None:
            self.judgement.ended()

    def interim(self, block: bytes) -> None:
        """Send an interim answer (1xx, RFC 9110 §15.2); HTTP/1.0 clients do not know them and get none.

        They are bytes like others, and 102 exists for nothing else (RFC 2518 §10.1): the idle limit starts anew.
        """
        self.channel.touch(self.limit)
        if self.head.minor:
            self.record.sent += len(block)
            self.channel.transport.write(block)

    def begin(self, status: int, data: bytes) -> None:
        """Send the answer's head, as ready-made bytes, with whatever of the body is there already."""
        channel, record = self.channel, self.record
        self.answering = True
        record.status = status
        record.first_byte = monotonic()
        record.sent += len(data)
        channel.due = channel.site.sweep.now + self.limit
        channel.transport.write(data)

    def passed(self, size: int) -> None:
        """Count a piece of the answer's body that went past us; the idle limit starts anew."""
        channel = self.channel
        self.record.sent += size
        channel.due = channel.site.sweep.now + self.limit

    def write(self, data: bytes) -> None:
        """Send a piece of the answer's body, in its transfer coding; the idle limit starts anew."""
        channel = self.channel
        self.record.sent += len(data)
        channel.due = channel.site.sweep.now + self.limit
        channel.transport.write(data)

    def finish(self) -> None:
        """The answer is complete."""
        self.channel.request_ended(self, self.closing)

    def abort(self, closed_by: str, note: str, *, reset: bool) -> None:
        """Cut the connection because the answer cannot be completed.

        :param reset: whether only a reset tells the client (its body lasts until close); otherwise what has been
            written still goes out, and the missing end tells.
        """
        self.record.closed_by = closed_by
        self.record.note = note
        self.channel.request_cut(self, reset=reset)

    def answer(
        self,
        status: int,
        text: str,
        pairs: Sequence[Pair] = (),
        *,
        reload_after: int = 0,
        shape: answer.Shape | None = None,
    ) -> None:
        """Send an answer of our own, in the shape that suits the client, and finish.

        :param text: one or two sentences for a person: which hop failed, what to do.
        :param pairs: more fields, ``Retry-After`` for example.
        :param reload_after: seconds after which a browser should ask again by itself.
        :param shape: of the answer, where the request alone does not say it.
        """
        head = self.head
        if self.channel.must_close(self):  # RFC 9112 §9.6: a client that goes on sending should know
            self.close_after()
        pairs = [*pairs, *own_answer_pairs(head, self.channel.site.origins)]
        shape = shape or answer.shape(head)
        fields, body = answer.render(status, shape, text, self.record.id, pairs, reload=reload_after)
        response = ResponseHead(status, answer.phrase(status).encode(), 1, Fields(fields), len(body), True)
        block = downstream_response(response, head.minor, self.closing, self.channel.site.date())
        self.record.note = self.record.note or text
        self.begin(status, block if head.method == b"HEAD" else block + body)
        self.finish()
