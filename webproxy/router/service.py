"""The router's composition root: settings in, a service out. Nothing else here knows all the files."""

from __future__ import annotations

import os
import time
from errno import EADDRINUSE
from typing import TYPE_CHECKING, Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.task import LoopingCall, deferLater

from webproxy.errors import StartError
from webproxy.net.address import Networks
from webproxy.net.departure import DepartureWatch
from webproxy.net.listen import bind_tcp, listen
from webproxy.net.memory import Heap
from webproxy.net.notify import notifier, time_wanted, watchdog_period
from webproxy.net.owners import who_listens
from webproxy.net.readiness import Readiness
from webproxy.net.sweep import IdleSweep
from webproxy.router.acme.solver import TokenSolver
from webproxy.router.certificates import Certificates
from webproxy.router.clerk import Clerk
from webproxy.router.control import Control
from webproxy.router.control_site import ControlPort
from webproxy.router.dns.server import DnsServer, bind
from webproxy.router.dns.zone import Zone
from webproxy.router.door import Door
from webproxy.router.face.admin import admin_port
from webproxy.router.face.padlocks import Padlocks
from webproxy.router.face.picture import Picture
from webproxy.router.front import Front, Ways
from webproxy.router.redirect import Redirect
from webproxy.router.state import STORE, Hold
from webproxy.router.store import Store

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from webproxy.router.acme.keeper import Keeper
    from webproxy.router.acme.status import CertificateStatus
    from webproxy.router.dns.server import Sockets
    from webproxy.router.rows import Name
    from webproxy.router.settings import RouterSettings

TICK = 1.0
"""Seconds between two looks at files and store."""
TIDY = 300.0
"""Seconds after which what is known of names that are no more is forgotten."""


class RouterService(Service):
    """One router. States: made, bound (its files are read, its ports are ours), running, stopped.

    :param settings: what it is to do.
    :ivar port: where the public comes in, once that is bound.
    :ivar http_port: where those come in who know no https; 0 for nowhere.
    :ivar control_port: where machines register.
    :ivar dns: the name server, while it serves; ``None`` for none.
    """

    def __init__(self, settings: RouterSettings, reactor: Any) -> None:
        self.settings = settings
        self._reactor = reactor
        self._bound = False
        self.port = self.http_port = self.control_port = 0
        self.dns: DnsServer | None = None
        self._machines = Networks(settings.machines)
        self._names: Sockets | None = None
        self._heap = Heap()
        self._notifier = notifier()
        self._clerk = Clerk(reactor, settings.state / STORE)
        self._look = LoopingCall(self._tick)
        self._look.clock = reactor
        self.picture = Picture(self)
        self._tidy = LoopingCall(self.picture.tidy)
        self._tidy.clock = reactor
        self._alive = LoopingCall(self._notifier.tell, "WATCHDOG=1")
        self._alive.clock = reactor

    def __repr__(self) -> str:
        return f"<RouterService of *.{self.settings.domain} {'running' if self.running else 'stopped'}>"

    def told(self) -> list[str]:
        """Say in a few lines what is served."""
        settings = self.settings
        served = [f"DNS of {settings.domain} on port {self._names.port}"] if self._names is not None else []
        return [
            f"https://*.{settings.domain} on port {self.port}",
            f"machines of {', '.join(settings.machines)} register on port {self.control_port}",
            *served,
        ]

    def privilegedStartService(self) -> None:
        """Read what must be there, and bind the ports, while privileges are still ours.

        :raises StartError: a file cannot be used, the folder is another router's, or a port cannot be had.
        """
        if self._bound:
            return
        settings = self.settings
        self._tokens = TokenSolver()
        self._zone = Zone(settings.dns.facts, int(time.time())) if settings.dns is not None else None
        self.certificates = self._certificates()
        self.internal = self.certificates
        if settings.control_certificate is not None and settings.control_key is not None:
            self.internal = Certificates(settings.control_certificate, settings.control_key)
        self._hold = Hold(settings.state)
        Store(settings.state / STORE).close()  # opened again after the fork, which SQLite does not survive
        self._fronts = _bind("--port", settings.port, settings.listen)
        self._plain = (
            _bind("--http-port", settings.http_port, settings.listen) if settings.http_port is not None else []
        )
        self._controls = _bind("--control-port", settings.control_port, settings.control_listen or settings.listen)
        self.port, self.control_port = _port(self._fronts), _port(self._controls)
        self.http_port = _port(self._plain) if self._plain else 0
        self._names = bind(settings.dns.port, settings.dns.listen) if settings.dns is not None else None
        self._bound = True

    def _certificates(self) -> Certificates | Keeper:
        """Give what certificates come from: files, or an authority.

        :raises StartError: they cannot be used.
        """
        settings = self.settings
        if settings.acme is None:
            if settings.certificate is None or settings.key is None:
                raise StartError("there is neither a certificate nor an authority that gives one")
            return Certificates(settings.certificate, settings.key)
        from webproxy.router.acme.kept_by import keeper  # noqa: PLC0415 - files need none of its libraries

        return keeper(self._reactor, settings, self._tokens, self._zone, self._live)

    def _live(self) -> list[str]:
        """Give the names whose machines are there."""
        now = time.time()
        return [name.name for name in self._clerk.names() if name.live(now) and not name.blocked]

    def startService(self) -> None:
        """Begin to serve.

        :raises StartError: as above; the store cannot be opened.
        """
        self.privilegedStartService()
        self._clerk.open()
        super().startService()
        reactor, settings = self._reactor, self.settings
        self._readiness = Readiness(reactor)
        self._departures = DepartureWatch(reactor)
        ways = Ways(self.find, self.certificates.context, time.time)
        self.front = Front(
            reactor,
            settings.domain,
            ways,
            readiness=self._readiness,
            sweep=IdleSweep(reactor),
            departures=self._departures,
        )
        if self._zone is not None and self._names is not None:
            self.dns = DnsServer(reactor, self._names, self._zone)
        port = self.port
        self._doors = [Door(reactor, sock, self.front) for sock in self._fronts]
        redirect = Redirect(reactor, self.serves, port, self._tokens.answer)
        self.padlocks = Padlocks(settings.domain, self.certificate_status, reactor.seconds)
        self.control = Control(
            reactor,
            self._clerk,
            domain=settings.domain,
            port=port,
            advertise=settings.advertise,
            padlock=self.padlocks.of,
        )
        machines = ControlPort(reactor, self.control, self.internal.context, self._machines)
        self._stops = [listen(reactor, redirect, sock).stop for sock in self._plain]
        for sock in self._controls:
            with sock:  # Twisted serves a duplicate
                self._stops.append(reactor.adoptStreamPort(sock.fileno(), sock.family, machines).stopListening)
        self.admin = admin_port(self.picture, reactor, settings)
        self._look.start(TICK, now=False)
        self._tidy.start(TIDY, now=False)
        self._hold.tell(
            pid=os.getpid(),
            domain=settings.domain,
            port=port,
            control_port=self.control_port,
            since=time.time(),
            admin=str(self.admin.place or ""),
            admin_token_file=settings.admin_token_file,
        )
        reactor.callWhenRunning(self._ready)

    def find(self, label: str) -> Name | None:
        """Find a name, unless its machine is where connections may not go any more."""
        found = self._clerk.find(label)
        return found if found is not None and found.address in self._machines else None

    def names(self) -> list[Name]:
        """Give all names, whether their machines are there or not."""
        return self._clerk.names()

    def serves(self, host: str) -> bool:
        """Tell whether a host is one of our names, switched on."""
        label, _, rest = host.partition(".")
        found = self.find(label) if rest == self.settings.domain else None
        return found is not None and not found.blocked

    def certificate_status(self) -> list[CertificateStatus]:
        """Tell how the certificates stand: of the names first, then of the control port, if it has its own."""
        now = time.time()
        both = (self.certificates,) if self.internal is self.certificates else (self.certificates, self.internal)
        return [told for certificates in both for told in certificates.statuses(now)]

    def renew(self, name: str = "") -> None:
        """Get certificates anew now; what becomes of it, :meth:`certificate_status` tells.

        Those from files are read again.

        :param name: which; empty for all.
        :raises LookupError: there is no certificate of this name, and none is wanted; its text says so.
        """
        found = {certificates.renew(name) for certificates in (self.certificates, self.internal)}
        if True not in found:
            raise LookupError(f"there is no certificate of {name}")

    def _ready(self) -> None:
        if self.running:
            self._notifier.tell("READY=1", status="; ".join(self.told()))
            period = watchdog_period(os.environ, os.getpid())
            if period:
                self._alive.start(period)

    def _tick(self) -> None:
        self._clerk.look()
        self.front.cut(self._clerk.find)
        self._heap.look(self.front.ended)
        for certificates in {self.certificates, self.internal}:
            certificates.refresh()

    def stopService(self) -> Deferred[None]:
        """Stop serving.

        :returns: fires when the last connection has ended, or has had its time.
        """
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        self._notifier.tell("STOPPING=1", *time_wanted(self.settings.drain))
        self.certificates.stop()  # before the name server goes: an order under way is the next process's
        for door in self._doors:
            door.close()
        await DeferredList([maybeDeferred(stop) for stop in self._stops])
        until = self._reactor.seconds() + self.settings.drain
        while self.front.connections and self._reactor.seconds() < until:
            await deferLater(self._reactor, 0.05, lambda: None)
        if self.dns is not None:
            await self.dns.stop()
        await maybeDeferred(self.admin.close)
        for call in (self._look, self._tidy, self._alive):
            if call.running:
                call.stop()
        await self._clerk.close()
        self._departures.close()
        self._readiness.close()
        self._hold.let_go()


def _port(sockets: Sequence[socket.socket]) -> int:
    return int(sockets[0].getsockname()[1])


def _bind(option: str, port: int, addresses: Sequence[str]) -> list[socket.socket]:
    """Bind a port.

    :raises StartError: it cannot be had.
    """
    try:
        return bind_tcp(port, addresses or None)
    except OSError as error:
        owner = who_listens(port) if error.errno == EADDRINUSE else None
        why = f"is in use by {owner}" if owner else f"cannot be bound: {error.strerror or error}"
        raise StartError(f"port {port} {why}", f"stop that, or choose another port with {option}") from error
