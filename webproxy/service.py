"""The composition root: settings in, a service out. Nothing else knows all the rooms."""

from __future__ import annotations

import math
import os
from typing import TYPE_CHECKING, Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.task import deferLater

from webproxy.downstream.limits import Limits
from webproxy.downstream.public_way import PublicWay
from webproxy.downstream.site import Site
from webproxy.downstream.trust import Trust
from webproxy.net.departure import DepartureWatch
from webproxy.net.external_port import open_port
from webproxy.net.inherited import ADMIN, Inherited, named
from webproxy.net.listen import listen
from webproxy.net.relays import Relays
from webproxy.net.shut_window import ShutWindows
from webproxy.net.sweep import IdleSweep
from webproxy.observe.access_log import open_access_log
from webproxy.observe.admin import admin_port
from webproxy.observe.instance import Instance
from webproxy.observe.lag import Lag
from webproxy.observe.watch import Watch
from webproxy.registration.made import registration_of
from webproxy.resources.entrance import Entrance
from webproxy.resources.forward import Forward
from webproxy.resources.policed import Policed, Report
from webproxy.settings.policies import built
from webproxy.upstream.host_rule import HostRule, local_name
from webproxy.upstream.pool import Pool
from webproxy.websocket.terms import Terms

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator, Sequence

    from webproxy.net.listen import Listening
    from webproxy.net.stream import StreamTransport
    from webproxy.registration.words import Lease
    from webproxy.resources.chain import StreamingResource
    from webproxy.settings.model import Settings


SETTLING = 0.1
"""Seconds for connections that were accepted in the moment in which we stopped listening: they are nobody else's."""


class ProxyService(Service):
    """One proxy: its external port, the chain behind it, the pool behind that.

    The port is bound before privileges are dropped or the process goes into the background, so that a port in use
    is an error of the start; everything that needs a thread or the event loop begins in ``startService``.

    :param inherited: sockets that are bound already, by systemd or by the process before us.
    :param legacy: what that process has left for us to know; see ``Entrance.legacy``.
    :raises SettingsError: a file of users or keys cannot be used.
    """

    def __init__(
        self, settings: Settings, reactor: Any, inherited: Sequence[Inherited] = (), legacy: bytes = b""
    ) -> None:
        self.settings = settings
        self._reactor = reactor
        self._sockets: list[socket.socket] = []
        self._inherited = list(inherited)
        self._listening: list[Listening] = []
        self._pools: list[Pool] = []
        self._entrance = Entrance(settings, reactor, legacy)
        self._entrances = [self._entrance]
        self.when_led: Callable[[], None] = lambda: None
        self.registration = registration_of(settings, os.environ, reactor, self._lead)

    def __repr__(self) -> str:
        return f"<ProxyService port={self.settings.port} {'running' if self.running else 'stopped'}>"

    def told(self) -> str:
        """Say in a few words what is served: ``127.0.0.1:8080 -> 12345``, and the public address once there is one."""
        told = f"{self.settings.internal[0]} -> {self.settings.port}"
        way = self.registration.told() if self.registration is not None else ""
        return f"{told} -> {way}" if way else told

    def privilegedStartService(self) -> None:
        """Bind the external port, unless it was handed down.

        :raises StartError: when it is in use or may not be bound, or another one was handed down.
        """
        if self._sockets:
            return
        handed = [one.sock for one in self._inherited if one.name != ADMIN]
        self._sockets = open_port(self.settings.port, self.settings.listen, handed)

    def startService(self) -> None:
        """Begin to serve."""
        self.privilegedStartService()
        super().startService()
        settings, reactor = self.settings, self._reactor
        self.observer = open_access_log(settings.access_log, settings.log_format, reactor)
        self.watch = Watch(self.observer)
        self.lag = Lag(reactor)
        self._sweep = IdleSweep(reactor)
        self._departures = DepartureWatch(reactor)
        self._relays = Relays(reactor)
        self._find_upstream(settings)
        self.chain = built(settings.policies, Report())
        self.site = Site(
            self._root(settings),
            port=settings.port,
            idle=self.chain.unjudged.traffic_class.limit,
            sweep=self._sweep,
            departures=self._departures,
            observer=self.watch,
            limits=Limits.of(settings),
            trust=Trust.of(settings),
        )
        self._lead()
        self._entrance.tell(self.site, settings)
        self._entrance.start()
        self.admin = admin_port(Instance(self), reactor, settings, named(self._inherited, ADMIN))
        self.lag.start()
        self._listening = [listen(reactor, self.site, sock) for sock in self._sockets]
        self._ask_for_the_name()
        if self.registration is not None:
            self.registration.start()
        self._shut_windows = ShutWindows(reactor, self._legs)

    def _legs(self) -> Iterator[StreamTransport]:
        """The connections on which something may be under way."""
        for channel in self.site.channels:
            if channel.request is not None or channel.deaf:
                yield channel.transport
        for pool in self._pools:
            yield from pool.busy_legs()

    def apply(self, settings: Settings) -> None:
        """Serve otherwise from the next request on; nothing that runs is cut. Either all of it holds, or nothing.

        :param settings: others, that differ only in what can change while we run: ``settings.difference`` sees to it.
        :raises SettingsError: a policy's class refuses its values, or a file of users or keys cannot be used.
        :raises StartError: the access log cannot be opened.
        """
        before = self.settings
        entrance = self._entrance
        if not entrance.fits(settings):
            entrance = Entrance(settings, self._reactor, entrance.legacy)
        chain = built(settings.policies, Report(), zip(before.policies, self.chain.policies, strict=True))
        if (settings.access_log, settings.log_format) != (before.access_log, before.log_format):
            observer = open_access_log(settings.access_log, settings.log_format, self._reactor)
            self.observer.close()
            self.observer = observer
            self.watch.write_to(observer)
        else:
            self.observer.reopen()
        # From here on nothing can fail.
        self.settings, self.chain, chain_before = settings, chain, self.chain
        if _upstream(settings) != _upstream(before):
            self.pool.retire()
            self._find_upstream(settings)
            self._ask_for_the_name()
        self.pool.forget_judgements()
        idle = chain.unjudged.traffic_class.limit
        self._enter_by(entrance)
        self._entrance.tell(self.site, settings)
        self.site.change(self._root(settings), idle=idle, limits=Limits.of(settings), trust=self._trust())
        self._lead()
        chain.follow(chain_before)  # may let requests go on that have waited

    def _trust(self) -> Trust:
        """Whose word is taken: of those whom the operator names, and of the routers."""
        lease = self.registration.lease if self.registration is not None else None
        return Trust.of(self.settings, lease.routers if lease is not None else ())

    def _lead(self, news: Lease | None = None) -> None:
        """Let the public come by the router; until that has given us a name, nobody comes from elsewhere either."""
        if self.registration is None:
            return
        settings, lease = self.settings, self.registration.lease
        url, routers = (lease.url, lease.routers) if lease is not None else ("", ())
        way = PublicWay(url, frozenset(routers), settings.direct == "allow", settings.hsts == "on")
        self.site.lead(way, self._trust())
        if news is not None:
            self.when_led()

    def _enter_by(self, entrance: Entrance) -> None:
        """Let those who come from here on come in there."""
        if entrance is not self._entrance:
            self._entrance.retire()
            self._entrance = entrance
            self._entrances.append(entrance)
            entrance.start()

    def reopen_logs(self) -> None:
        """Open the access log's file anew, after a rotation."""
        self.observer.reopen()

    def _find_upstream(self, settings: Settings) -> None:
        """Make what leads to the internal service."""
        where = settings.internal
        self.pool = Pool(self._reactor, where, sweep=self._sweep, connect_timeout=settings.connect_timeout)
        self.rule = HostRule(settings.upstream_host, local_name(where[0]), self.pool, self._reactor)
        self._pools = [*(pool for pool in self._pools if pool.used), self.pool]

    def _ask_for_the_name(self) -> None:
        """Settle under which name the service is addressed before the first request, if it is up."""
        if not self.rule.settled:
            self.rule.settle()  # the log tells what came of it

    def _root(self, settings: Settings) -> StreamingResource:
        """Make the chain of resources."""
        terms = Terms(
            clock=self._reactor,
            sweep=self._sweep,
            departures=self._departures,
            mode=settings.websocket,
            ping=settings.websocket_ping,
            max_message=settings.websocket_max_message,
            max_frame=settings.websocket_max_frame,
        )
        forward = Forward(
            self.pool,
            self.rule,
            terms,
            relays=self._relays,
            on_disconnect=settings.on_disconnect,
            wait_upstream=settings.wait_upstream,
            public=settings.public_url.encode(),
        )
        return self._entrance.in_front_of(Policed(self.chain, forward), settings)

    @property
    def sockets(self) -> Sequence[Inherited]:
        """The sockets that we listen on, to be handed to another process."""
        ours = [Inherited("webproxy", listening.sock) for listening in self._listening if listening.sock is not None]
        return [*ours, Inherited(ADMIN, self.admin.sock)] if self.admin.sock is not None else ours

    @property
    def legacy(self) -> bytes:
        """What a process that takes our place should know, and nobody else."""
        return self._entrance.legacy

    async def retire(self) -> None:
        """Leave new connections to another process, and let ours end in their own time, within ``upgrade_drain``."""
        if self.registration is not None:
            await self.registration.stop(release=False)  # the other has registered already
        await DeferredList([listening.stop() for listening in self._listening])
        await maybeDeferred(self.admin.close)
        self.site.retire()
        await deferLater(self._reactor, SETTLING)
        await self._ended(self.site.emptied(), self.settings.upgrade_drain)

    async def _ended(self, drained: Deferred[None], limit: float) -> None:
        """Wait for the last connection; cut what is left after ``limit`` seconds."""
        cut = self._reactor.callLater(limit, self.site.cut) if math.isfinite(limit) else None
        await drained
        if cut is not None and cut.active():
            cut.cancel()

    async def _stop(self) -> None:
        """Stop accepting, let what runs end within ``drain`` seconds, then cut."""
        if self.registration is not None:
            await self.registration.stop()  # first: who comes now reads that we are away
        await DeferredList([listening.stop() for listening in self._listening])
        await self._ended(self.site.drain(), self.settings.drain)
        self.lag.stop()
        await maybeDeferred(self.admin.close)
        for entrance in self._entrances:
            entrance.stop()
        for pool in self._pools:
            pool.close()
        self._shut_windows.stop()
        self._relays.close()
        self._departures.close()
        self.observer.close()

    def stopService(self) -> Deferred[None]:
        """Stop serving.

        :returns: fires when the last connection is closed.
        """
        super().stopService()
        return Deferred.fromCoroutine(self._stop())


def make_service(
    settings: Settings, reactor: Any, inherited: Sequence[Inherited] = (), legacy: bytes = b""
) -> ProxyService:
    """Build the proxy that ``settings`` describe, to run on ``reactor``.

    :raises SettingsError: a file of users or keys cannot be used.
    """
    return ProxyService(settings, reactor, inherited, legacy)


def _upstream(settings: Settings) -> tuple[object, ...]:
    """What leads to another pool when it changes."""
    return settings.internal, settings.connect_timeout, settings.upstream_host
