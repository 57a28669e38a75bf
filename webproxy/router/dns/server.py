"""The DNS server as the router starts and stops it.

Rule of this file: it puts together what the others do; sockets come in bound, for that needs privileges.
"""

from __future__ import annotations

from errno import EADDRINUSE
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.internet.defer import Deferred, DeferredList

from webproxy.errors import StartError
from webproxy.net.listen import bind_tcp, listen
from webproxy.net.owners import who_listens
from webproxy.net.sweep import IdleSweep
from webproxy.router.dns.datagrams import Datagrams, bound
from webproxy.router.dns.responder import Responder
from webproxy.router.dns.streams import Streams

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from webproxy.router.dns.zone import Zone

ATTEMPTS = 8
"""How often another port is tried where any would do, and UDP lacks what TCP has got."""


class Sockets(NamedTuple):
    """Bound sockets of one port: as many for UDP as for TCP."""

    port: int
    streams: list[socket.socket]
    datagrams: list[socket.socket]

    def close(self) -> None:
        """Give them back."""
        for sock in (*self.streams, *self.datagrams):
            sock.close()


def bind(port: int, addresses: Sequence[str]) -> Sockets:
    """Bind a port for both.

    :param port: 0 lets the system choose one.
    :param addresses: IP addresses; empty for all of this machine.
    :raises StartError: it cannot be had.
    """
    for _ in range(1 if port else ATTEMPTS):
        streams: list[socket.socket] = []
        made: list[socket.socket] = []
        kind = "tcp"
        try:
            streams = bind_tcp(port, addresses or None)
            kind = "udp"
            for sock in streams:
                made.append(bound(sock.family, sock.getsockname()))  # noqa: PERF401 - what is bound must be closed
            return Sockets(streams[0].getsockname()[1], streams, made)
        except OSError as error:
            for sock in (*streams, *made):
                sock.close()
            failed, where = error, kind
    owner = who_listens(port, kind=where) if failed.errno == EADDRINUSE else None
    why = f"is in use by {owner}" if owner else f"cannot be bound: {failed.strerror or failed}"
    right = "stop that, or name with --dns-listen the addresses that the public asks"
    raise StartError(f"{where.upper()} port {port} {why}", right) from failed


class DnsServer:
    """An authoritative server. States: serving, stopped.

    :param sockets: they belong to it from here on.
    :ivar port: of UDP and TCP.
    :ivar zone: what it answers from.
    """

    def __init__(self, reactor: Any, sockets: Sockets, zone: Zone) -> None:
        self.port = sockets.port
        self.zone = zone
        self.responder = Responder(zone, reactor.seconds)
        self._streams = Streams(self.responder, IdleSweep(reactor))
        self._datagrams = [Datagrams(reactor, sock, self.responder) for sock in sockets.datagrams]
        self._listening = [listen(reactor, self._streams, sock) for sock in sockets.streams]

    def __repr__(self) -> str:
        return f"<DnsServer of {self.zone!r}>"

    def stop(self) -> Deferred[Any]:
        """Answer no more.

        :returns: fires when the ports are given back.
        """
        for datagrams in self._datagrams:
            datagrams.close()
        closed = DeferredList([listening.stop() for listening in self._listening])
        self._streams.close()
        return closed
