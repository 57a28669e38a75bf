"""The exchange's record: what one request and its response came to.

The rooms that move bytes fill it in and hand it to an :class:`Observer` when the exchange ends; they never learn
what the observer does with it. Times are seconds of one monotonic clock, sizes are bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead


class ExchangeRecord:
    """One request and its response, as far as they got.

    :ivar id: the request id, as sent upstream in ``X-Request-Id``.
    :ivar client: the client's address, without port.
    :ivar head: the request's head; ``None`` when none could be parsed.
    :ivar user: the authenticated user's name, if any.
    :ivar status: status code sent to the client; 499 when the client left first; 0 while none is known.
    :ivar received: body bytes taken from the client, framing included.
    :ivar sent: bytes of the response handed to the client's transport, head included.
    :ivar started: when the request's head was complete.
    :ivar asked: when the request was written to the internal service; ``None`` if it never was.
    :ivar first_byte: when the first byte of the answer was sent; ``None`` before.
    :ivar answered: when the internal service's answer was complete; ``None`` before.
    :ivar ended: when the exchange was over.
    :ivar traffic_class: name of the traffic class, ``A>B`` once reclassified.
    :ivar why: what decided the class.
    :ivar closed_by: who ended the exchange early: ``""`` (nobody), ``client``, ``upstream``, ``idle``, ``drain``.
    :ivar failed_in: in which phase the internal service failed it: ``connect``, ``head``, ``body``; else ``""``.
    :ivar note: one short phrase that explains ``closed_by`` or an answer of our own.
    """

    __slots__ = (
        "answered",
        "asked",
        "client",
        "closed_by",
        "ended",
        "failed_in",
        "first_byte",
        "head",
        "id",
        "note",
        "received",
        "sent",
        "started",
        "status",
        "traffic_class",
        "user",
        "why",
    )

    def __init__(self, identity: bytes, client: str, head: RequestHead | None, started: float) -> None:
        self.id = identity
        self.client = client
        self.head = head
        self.started = started
        self.user: str | None = None
        self.status = 0
        self.received = 0
        self.sent = 0
        self.asked: float | None = None
        self.first_byte: float | None = None
        self.answered: float | None = None
        self.ended = started
        self.traffic_class = "DEFAULT"
        self.why = ""
        self.closed_by = ""
        self.failed_in = ""
        self.note = ""

    def __repr__(self) -> str:
        # Without the query: it may hold a token, and this may end up in a log.
        method, target = (self.head.method, self.head.target.partition(b"?")[0]) if self.head else (b"-", b"-")
        return f"<ExchangeRecord {self.id!r} {method!r} {target!r} {self.status} closed_by={self.closed_by!r}>"


class Observer(Protocol):
    """Whoever wants to know what happens; implemented in ``webproxy.observe``."""

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Take note of an exchange that is over. Called once per exchange; must neither block nor raise."""
