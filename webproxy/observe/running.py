"""What runs now: a row for every exchange that is not over.

Rule of this file: read from what stands there anyway, when somebody looks; an exchange pays nothing for it. No query is
shown, since it may hold a token, and no secret that a path holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from webproxy.observe.mask import masked
from webproxy.resources.held import Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from webproxy.downstream.channel import Channel
    from webproxy.downstream.request import Request
    from webproxy.message.head import RequestHead


class Running(NamedTuple):
    """One exchange.

    :ivar id: as in the log.
    :ivar client: its address.
    :ivar user: who was recognised; empty for nobody.
    :ivar method: of the request; ``-`` while none could be read.
    :ivar path: of the request, with secrets masked, without its query.
    :ivar traffic_class: as in the log, ``DEFAULT>DOWNLOAD`` once reclassified.
    :ivar why: what decided the class.
    :ivar state: ``waiting`` (for a policy), ``connecting``, ``asked``, ``answering``, ``tunnel``.
    :ivar age: seconds since its head was complete.
    :ivar limit: seconds that it may be silent now; ``None`` for no limit.
    :ivar received: bytes of the request's body so far.
    :ivar sent: bytes of the answer so far.
    """

    id: str
    client: str
    user: str
    method: str
    path: str
    traffic_class: str
    why: str
    state: str
    age: float
    limit: float | None
    received: int
    sent: int


def running(channels: Iterable[Channel], now: float) -> Iterator[Running]:
    """Look at every exchange that runs.

    :param now: on the monotonic clock, in seconds.
    """
    for channel in channels:
        request = channel.request
        if request is not None:
            yield _row(request, now)


def _row(request: Request, now: float) -> Running:
    record, successor = request.record, request.channel.successor
    method, path = of_request(record.head)
    received, sent = (0, 0) if successor is None else successor.counts()
    return Running(
        record.id.decode("latin-1"),
        record.client,
        record.user or "",
        method,
        path,
        record.traffic_class,
        record.why,
        state_of(request),
        round(now - record.started, 3),
        request.limit if request.limit < float("inf") else None,
        record.received + received,
        record.sent + sent,
    )


def state_of(request: Request) -> str:
    """Tell how far an exchange is."""
    record = request.record
    if record.first_byte is not None:
        return "tunnel" if record.status == 101 else "answering"
    if type(request.responder) is Held:
        return "waiting"
    return "connecting" if record.asked is None else "asked"


def of_request(head: RequestHead | None) -> tuple[str, str]:
    """Give method and path as they may be shown."""
    if head is None:
        return "-", "-"
    return head.method.decode("latin-1") or "-", masked(head.target.partition(b"?")[0].decode("latin-1")) or "-"


def close(channels: Iterable[Channel], identity: str) -> bool:
    """Cut the exchange with this id, both sides of it; whether there was one."""
    for channel in channels:
        request = channel.request
        if request is not None and request.record.id.decode("latin-1") == identity:
            request.record.closed_by = "operator"
            channel.abort()
            return True
    return False
