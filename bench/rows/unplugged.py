"""A connection without a socket, for rows that loop within the bench: what is written to it goes nowhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from twisted.internet.testing import MemoryReactorClock

from webproxy.downstream.site import Site
from webproxy.net.departure import DepartureWatch
from webproxy.net.sweep import IdleSweep

if TYPE_CHECKING:
    from webproxy.downstream.channel import Channel
    from webproxy.downstream.site import Root
    from webproxy.message.record import ExchangeRecord

CLIENT = "203.0.113.7"


class Transport:
    """Takes everything, and sends it nowhere."""

    def getPeer(self) -> SimpleNamespace:
        return SimpleNamespace(host=CLIENT)

    def ignore(self, *_: object) -> None:
        """Whatever it is."""

    write = registerProducer = unregisterProducer = pauseProducing = resumeProducing = ignore
    setTcpNoDelay = setTcpKeepAlive = loseConnection = abortConnection = ignore


class Unheard:
    """An observer to whom it is all one."""

    def exchange_ended(self, record: ExchangeRecord) -> None:
        """Forget it."""


def site(root: Root) -> Site:
    """What the connections of a proxy share, where time stands still."""
    reactor: Any = MemoryReactorClock()
    watching: dict[str, Any] = {"sweep": IdleSweep(reactor), "departures": DepartureWatch(reactor)}
    return Site(root, port=12345, idle=60.0, observer=Unheard(), **watching)


def connected(shared: Site) -> Channel:
    """A connection that has just been made."""
    made = shared.buildProtocol(None)
    made.makeConnection(Transport())
    return made
