"""The factory of channels: what all client connections of one proxy share."""

from __future__ import annotations

import secrets
import time
from collections import Counter
from email.utils import formatdate
from typing import TYPE_CHECKING, Final, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory
from twisted.logger import Logger
from zope.interface import classImplements

from webproxy.address import neighbourhood
from webproxy.downstream.channel import Channel
from webproxy.downstream.doors import Doors, refusal
from webproxy.downstream.limits import Limits
from webproxy.downstream.routed import channel_of, must_leave
from webproxy.downstream.sealed import SealedChannel
from webproxy.downstream.trust import Trust
from webproxy.errors import ClientProtocolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet

    from twisted.internet.interfaces import IAddress

    from webproxy.downstream.public_way import PublicWay
    from webproxy.downstream.request import Request
    from webproxy.message.record import Observer
    from webproxy.net.departure import DepartureWatch
    from webproxy.net.sweep import IdleSweep

log = Logger()

_LAST: Final = [b"%02x" % number for number in range(256)]


class Root(Protocol):
    """The outermost resource of the chain."""

    def render(self, request: Request, /) -> int:
        """Answer ``request``, now or later."""


class Farewell:
    """Lets each connection end with the next answer, which says so.

    :param inner: the resource that answers.
    """

    def __init__(self, inner: Root) -> None:
        self._inner = inner

    def render(self, request: Request, /) -> int:
        """Answer ``request``, as the last of its connection."""
        request.close_after()
        return self._inner.render(request)


class Site:
    """What channels share: the chain they feed, the clocks they obey, the observer they report to.

    :param root: the resource chain's outermost resource; it gets requests as soon as their head is complete.
    :param port: the external port, as clients name it.
    :param idle: default idle limit in seconds.
    :param trust: whose word is taken for where requests come from; by default nobody's.
    :ivar guarded: whether somebody asks for credentials.
    :ivar origins: those whose pages may read our own answers.
    :ivar doors: which addresses may come.
    :ivar public: the way by which the public comes; None: this port is all there is.
    :ivar wall: gives the time of day, seconds since the epoch.
    :ivar draining: whether every connection ends with its current exchange, and new ones at once.
    """

    noisy = False

    def __init__(
        self,
        root: Root,
        *,
        port: int,
        idle: float,
        sweep: IdleSweep,
        departures: DepartureWatch,
        observer: Observer,
        limits: Limits | None = None,
        trust: Trust | None = None,
    ) -> None:
        self.root = root
        self.wall: Callable[[], float] = time.time
        self.port = port
        self.idle = idle
        self.sweep = sweep
        self.departures = departures
        self.limits = limits or Limits()
        self.trust = trust or Trust()
        self.guarded = False
        self.origins: AbstractSet[bytes] = frozenset()
        self.doors = Doors()
        self.public: PublicWay | None = None
        self.exchange_ended = observer.exchange_ended
        self.channels: set[Channel] = set()
        self._identity = secrets.token_hex(4).encode()
        self._count = 0
        self._stem = self._identity + b"000000"
        self._date = (0, b"")
        self._neighbours: Counter[str] = Counter()
        self.draining = False
        self._drained: list[Deferred[None]] = []

    def __repr__(self) -> str:
        return f"<Site port={self.port} channels={len(self.channels)}{' draining' if self.draining else ''}>"

    # IProtocolFactory

    def doStart(self) -> None:
        """Nothing to prepare."""

    def doStop(self) -> None:
        """Nothing to put away: connections outlive the listening socket."""

    def buildProtocol(self, addr: IAddress | None) -> Channel:
        """Make the channel of a new connection."""
        if self.public is not None:
            return channel_of(self, self.public, getattr(addr, "host", ""))
        return SealedChannel(self) if self.guarded else Channel(self)

    # What channels ask of their site

    def channel_opened(self, channel: Channel) -> None:
        """Keep an eye on it."""
        self.channels.add(channel)
        self.sweep.add(channel)

    def admit(self, channel: Channel) -> ClientProtocolError | None:
        """Count a channel among its neighbours, now that its client is known; the answer if there is no room for it."""
        place = neighbourhood(channel.client)
        if self.draining:
            channel.drain()
        elif self.doors and not channel.arrival.trusted and channel.client not in self.doors:
            return refusal()
        elif len(self.channels) > self.limits.connections:
            return ClientProtocolError(503, "too many clients are connected")
        elif self._neighbours[place] >= self.limits.connections_per_address:
            return ClientProtocolError(429, "too many connections come from your address")
        channel.place = place
        self._neighbours[place] += 1
        return None

    def channel_closed(self, channel: Channel) -> None:
        """Forget it."""
        self.channels.discard(channel)
        self.sweep.discard(channel)
        place = channel.place
        if place in self._neighbours:
            self._neighbours[place] -= 1
            if not self._neighbours[place]:
                del self._neighbours[place]
        if not self.channels:
            self._all_closed()

    def render(self, request: Request) -> None:
        """Send a request through the chain. A resource that raises costs its own exchange, nothing else."""
        try:
            self.root.render(request)
        except Exception:  # noqa: BLE001 - a resource may raise anything
            log.failure("request {request!r} failed in the chain", request=request, kind="request-failed")
            if request.ended:
                return
            if request.answering:
                request.abort("error", "an error of ours", reset=True)
            else:
                request.answer(500, "webproxy failed to process this request; its log says why")

    def next_id(self) -> bytes:
        """A request id that no other request of this process has, and none of another process by accident."""
        count = self._count = self._count + 1
        if not count & 0xFF:
            self._stem = b"%s%06x" % (self._identity, count >> 8)
        return self._stem + _LAST[count & 0xFF]

    def date(self) -> bytes:
        """The time of day as ``Date`` shows it (RFC 9110 §5.6.7)."""
        second = int(self.wall())
        if second != self._date[0]:
            self._date = (second, formatdate(second, usegmt=True).encode())
        return self._date[1]

    def change(self, root: Root, *, idle: float, limits: Limits, trust: Trust) -> None:
        """Serve otherwise from the next request on; what runs goes on as it began.

        A connection that stands is believed from now on as a new one would be, but who came in may stay: what a limit
        would refuse, it refuses to those who come.
        """
        self.root, self.idle, self.limits, self.trust = root, idle, limits, trust
        for channel in self.channels:
            channel.forget()
            if channel.place:
                channel.arrival = channel.arrival._replace(trusted=channel.client in trust.http)

    def lead(self, way: PublicWay, trust: Trust) -> None:
        """Let the public come this way from now on; who came otherwise finishes what runs, and no more.

        :param trust: with the routers among those who speak for others.
        """
        self.public, self.trust = way, trust
        for channel in tuple(self.channels):
            if must_leave(channel, way):
                channel.drain()

    # The end

    def drain(self) -> Deferred[None]:
        """Let running exchanges finish and close every connection behind its last one.

        :returns: fires when no connection is left.
        """
        self.draining = True
        for channel in tuple(self.channels):
            channel.drain()
        return self.emptied()

    def retire(self) -> None:
        """Let every connection end in its own time, because another process takes the new ones.

        Each learns with its next answer that this is the last. Whoever rests, or has been told otherwise with an answer
        that is under way, may send one more request: to close now would cross it on the way (RFC 9112 §9.6).
        """
        self.root = Farewell(self.root)
        for channel in self.channels:
            if channel.request is not None and not channel.request.answering:
                channel.draining = True

    def emptied(self) -> Deferred[None]:
        """Wait for the last connection.

        :returns: fires when no connection is left.
        """
        emptied: Deferred[None] = Deferred()
        self._drained.append(emptied)
        if not self.channels:
            self._all_closed()
        return emptied

    def cut(self) -> None:
        """Abort every connection that is left."""
        for channel in tuple(self.channels):
            if channel.request is not None:
                channel.request.record.closed_by = "drain"
            channel.abort()

    def _all_closed(self) -> None:
        waiting, self._drained = self._drained, []
        for drained in waiting:
            drained.callback(None)


classImplements(Site, IProtocolFactory)
