"""The front: takes connections on port 443, finds out whom each wants, and sends it there.

Rule of this file: who is sent where, and how many may come; how it is done is ``arriving``'s, ``net/tls``'s and
``passage``'s. A stranger's connection costs nothing that a flood of them could use up: no TLS before the name is known
to be somebody's, bounds for each address and each name, and no more than a bounded number of handshakes at once.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from twisted.logger import Logger

from webproxy.address import neighbourhood
from webproxy.net import tls
from webproxy.net.address import plain
from webproxy.net.destination import Tcp
from webproxy.net.proxy_header_written import written
from webproxy.net.tls import negotiated, secure
from webproxy.router.alerts import INTERNAL_ERROR, NO_APPLICATION_PROTOCOL, UNRECOGNIZED_NAME
from webproxy.router.arriving import Arriving
from webproxy.router.offline import Offline, answer, since
from webproxy.router.passage import Passage
from webproxy.router.rates import Rates
from webproxy.router.traffic import Traffic

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from webproxy.net.departure import DepartureWatch
    from webproxy.net.readiness import Readiness
    from webproxy.net.sweep import IdleSweep
    from webproxy.net.tls import Context
    from webproxy.router.client_hello import ClientHello
    from webproxy.router.rows import Name
    from webproxy.router.sides import Side

log = Logger()

ALPN = tls.ALPN.encode()

HANDSHAKE = 10.0
"""Seconds for a handshake."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many may come.

    :param connections: in all.
    :param per_address: from one address, IPv6 by /64.
    :param per_name: to one name.
    :param handshakes_per_address: under way at once from one address.
    :param address_rate: handshakes from one address: at once, after a rest, and then a second.
    :param name_rate: the same for one name: a core does some 1,200 a second, and the others want theirs.
    """

    connections: int = 20000
    per_address: int = 1000
    per_name: int = 5000
    handshakes_per_address: int = 64
    address_rate: tuple[int, float] = (400, 100.0)
    name_rate: tuple[int, float] = (1000, 400.0)


@dataclass(frozen=True, slots=True)
class Ways:
    """What the front asks.

    :param find: a name, by its label.
    :param context: the certificate for a label; ``None`` while there is none.
    :param wall: seconds since the epoch.
    """

    find: Callable[[str], Name | None]
    context: Callable[[str], Context | None]
    wall: Callable[[], float]


class Front:
    """One listening socket. States: serving, stopped.

    :param domain: names are one label below it.
    """

    def __init__(
        self,
        reactor: Any,
        domain: str,
        ways: Ways,
        *,
        readiness: Readiness,
        sweep: IdleSweep,
        departures: DepartureWatch,
        bounds: Bounds | None = None,
    ) -> None:
        self._reactor = reactor
        self._suffix = b"." + domain.encode()
        self._domain = domain
        self._ways = ways
        self._readiness = readiness
        self._sweep = sweep
        self._departures = departures
        self.bounds = bounds or Bounds()
        self.connections = self.ended = 0
        self.traffic = Traffic()
        self.refused = self.traffic.refused
        self.by_name: Counter[str] = Counter()
        self._by_address: Counter[str] = Counter()
        self._handshakes: Counter[str] = Counter()
        self._crowd: set[Side] = set()
        self._by_place = _rates(reactor, *self.bounds.address_rate)
        self._by_label = _rates(reactor, *self.bounds.name_rate)

    def __repr__(self) -> str:
        return f"<Front of {self._domain} connections={self.connections}>"

    def accept(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        """Take a connection, if there is room for it."""
        source = (plain(address[0]), int(address[1]))
        place = neighbourhood(source[0])
        if self.connections >= self.bounds.connections or self._by_address[place] >= self.bounds.per_address:
            self._refuse(sock, "too many connections")
            return
        sock.setblocking(False)
        self.connections += 1
        self._by_address[place] += 1
        arrived, left = partial(self._arrived, source), partial(self._left, place)
        Arriving(sock, self._readiness, self._sweep, arrived, left).look()

    def _left(self, place: str, arriving: Arriving) -> None:
        """It has not come to a ClientHello."""
        self.refused["no ClientHello"] += 1
        self._gone(place)

    def _arrived(self, source: tuple[str, int], arriving: Arriving, hello: ClientHello) -> None:
        """Find out whom a client wants, and whether it may."""
        place = neighbourhood(source[0])
        label = self._label(hello.server_name)
        name = self._ways.find(label) if label else None
        context = self._ways.context(label) if name is not None and not name.blocked else None
        if name is None or name.blocked:
            why, alert = "unknown name", UNRECOGNIZED_NAME
        elif hello.alpn and ALPN not in hello.alpn:  # RFC 7301 §3.2
            why, alert = "unknown protocol", NO_APPLICATION_PROTOCOL
        elif context is None:
            why, alert = "no certificate", INTERNAL_ERROR
        elif too_many := self._too_many(place, label):
            why, alert = too_many, INTERNAL_ERROR
        else:
            self._admit(arriving.sock, source, name, context)
            return
        arriving.refuse(alert)
        self.refused[why] += 1
        self._gone(place)

    def _too_many(self, place: str, label: str) -> str:
        """Tell of what there is too much; empty: there is room. Who comes too often takes nothing from a name."""
        if self.by_name[label] >= self.bounds.per_name:
            return "too many connections to a name"
        if self._handshakes[place] >= self.bounds.handshakes_per_address or self._by_place.wait(place):
            return "too many handshakes"
        return "too many handshakes for a name" if self._by_label.wait(label) else ""

    def cut(self, find: Callable[[str], Name | None]) -> None:
        """End the connections to names that were switched off or taken away since; asked every second.

        :param find: a name by its label, in no time, for all to whom somebody is connected are looked up.
        """
        for label in list(self.by_name):
            name = find(label)
            if name is None or name.blocked:
                self.traffic.cut(label)

    def _admit(self, sock: socket.socket, source: tuple[str, int], name: Name, context: Context) -> None:
        """Shake hands, and send the client on."""
        place, local = neighbourhood(source[0]), sock.getsockname()[:2]
        self._handshakes[place] += 1
        self.by_name[name.name] += 1
        gone = partial(self._ended, place, name.name)
        passage = None
        build: Callable[[], Any]
        if name.live(self._ways.wall()):
            passage = self._passage(source, (plain(local[0]), local[1]), name, gone)
            build = partial(getattr, passage, "client")
        else:
            build = partial(Offline, self._absence(name), self._sweep, gone)
        shaken = secure(self._reactor, sock, context, build, HANDSHAKE)

        def done(_: Any) -> None:
            _less(self._handshakes, place)
            self.traffic.handshakes += 1
            if passage is not None:
                self.traffic.began(name.name, passage)
                passage.open()

        def failed(_: Failure) -> None:
            _less(self._handshakes, place)
            self.refused["no handshake"] += 1
            gone()

        shaken.addCallbacks(done, failed)
        shaken.addErrback(lambda failure: log.failure("a passage failed", failure, kind="passage-failed"))

    def _passage(
        self, source: tuple[str, int], local: tuple[str, int], name: Name, gone: Callable[[], None]
    ) -> Passage:
        authority = name.name.encode() + self._suffix

        def header() -> bytes:
            shaken = negotiated(passage.client.transport)
            return written(source, local, authority=authority, **shaken._asdict())

        def refused(passage: Passage) -> None:
            """The machine holds a lease, and takes no connection."""
            self.traffic.ended(name.name, passage)
            stood = passage.client
            stood.ended = True  # it is another's now
            text = answer(f"{name.name}.{self._domain}", "Its machine does not answer at the moment.")
            offline = Offline(text, self._sweep, gone)
            transport = stood.transport
            self._departures.unwatch(transport)
            transport.protocol = offline
            offline.makeConnection(transport)
            transport.resumeProducing()
            if said := stood.said():
                offline.dataReceived(said)

        def over(passage: Passage) -> None:
            self.traffic.ended(name.name, passage)
            gone()

        passage = Passage(
            self._reactor,
            Tcp(name.address, name.port),
            header,
            self._departures,
            refused=refused,
            over=over,
            crowd=self._crowd,
        )
        return passage

    def _absence(self, name: Name) -> bytes:
        return answer(f"{name.name}.{self._domain}", since(name.until))

    def _label(self, server_name: bytes) -> str:
        """Give the label of a name below our domain; empty for any other."""
        label, _, _ = server_name.partition(b".")
        return label.decode() if server_name == label + self._suffix else ""

    def _refuse(self, sock: socket.socket, why: str) -> None:
        self.refused[why] += 1
        sock.close()

    def _ended(self, place: str, label: str) -> None:
        _less(self.by_name, label)
        self._gone(place)

    def _gone(self, place: str) -> None:
        """A connection has ended."""
        self.connections -= 1
        self.ended += 1
        _less(self._by_address, place)


def _less(counts: Counter[str], key: str) -> None:
    """Count one less; what is at zero takes no memory."""
    counts[key] -= 1
    if counts[key] <= 0:
        del counts[key]


def _rates(reactor: Any, burst: int, rate: float) -> Rates:
    return Rates(reactor.seconds, rate=rate, burst=burst)
