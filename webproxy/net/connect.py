"""Connecting to a destination, on either kind of reactor.

One destination, one attempt: who has several candidates tries them one after the other. Failures are Twisted's, on
every reactor; the border of ``upstream/`` translates them.
"""

from __future__ import annotations

from errno import ENOENT
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import ClientFactory
from zope.interface import implementer

from webproxy.net.attempt import CONNECTED_TO_ITSELF, Attempt, refused
from webproxy.net.destination import Unix
from webproxy.net.last_words import heed_last_words
from webproxy.net.reactor import native_loop
from webproxy.net.sockopt import keep_alive, probe_apart

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IAddress, IConnector
    from twisted.python.failure import Failure

    from webproxy.net.destination import Destination


def connect(reactor: Any, destination: Destination, build: Callable[[], IProtocol], timeout: float) -> Deferred[Any]:
    """Connect a protocol.

    :param build: makes the protocol, once there is a connection.
    :param timeout: seconds, name resolution included.
    :returns: fires with the protocol, connected; fails with :class:`twisted.internet.error.ConnectError` (its
        subclasses name the cause: ``ConnectionRefusedError``, also when a Unix socket does not exist, ``TimeoutError``,
        ``NoRouteError``, ...), :class:`twisted.internet.error.DNSLookupError`, or what ``build`` raised. Cancelling
        aborts the attempt.
    """
    loop = native_loop(reactor)
    if loop is not None:
        return Attempt(loop, build, timeout).start(destination)
    factory = OneConnection(build)
    if isinstance(destination, Unix):
        factory.connector = reactor.connectUNIX(destination.path, factory, timeout=timeout)
    else:
        factory.connector = reactor.connectTCP(destination.host, destination.port, factory, timeout=timeout)
    return factory.connected


class OneConnection(ClientFactory):
    """Twisted's way to one connection. States: running, over (the Deferred has fired or is cancelled).

    :ivar connector: Twisted's handle on the attempt.
    :ivar connected: fires with the protocol, or fails.
    """

    noisy = False
    connector: IConnector

    def __init__(self, build: Callable[[], IProtocol]) -> None:
        self.build = build
        self.over = False
        self.connected: Deferred[Any] = Deferred(self._cancel)

    def __repr__(self) -> str:
        return f"<OneConnection {'over' if self.over else 'running'}>"

    def buildProtocol(self, addr: IAddress) -> Introduction:  # type: ignore[override]
        """The connection stands."""
        return Introduction(self)

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Pass the failure on; a Unix socket that does not exist is a service that does not listen."""
        missing = getattr(reason.value, "osError", None) == ENOENT
        self.fail(refused("no such socket") if missing else reason)

    def succeed(self, protocol: IProtocol) -> None:
        """Hand the protocol over."""
        self.over = True
        self.connected.callback(protocol)

    def fail(self, reason: Failure | Exception) -> None:
        """Give up, unless whoever waited has given up already."""
        if not self.over:
            self.over = True
            self.connected.errback(reason)

    def _cancel(self, _connected: Deferred[Any]) -> None:
        self.over = True
        self.connector.disconnect()


@implementer(IProtocol)
class Introduction:
    """Builds and connects the real protocol; Twisted's transports talk to that one from then on.

    :ivar dataReceived: for the tests' transports, which go on talking to this one.
    :ivar connectionLost: as ``dataReceived``.
    """

    def __init__(self, factory: OneConnection) -> None:
        self._factory = factory
        self.dataReceived: Callable[[bytes], None] = discard
        self.connectionLost: Callable[[Failure], None] = discard

    def makeConnection(self, transport: Any) -> None:
        """Set the leg's options, connect the protocol, step aside, and tell whoever waits."""
        factory = self._factory
        if transport.fileno() >= 0:
            sock = transport.getHandle()
            keep_alive(sock)
            probe_apart(sock, sock.getpeername())
            heed_last_words(transport)
        if transport.getHost() == transport.getPeer():
            transport.abortConnection()
            factory.fail(refused(CONNECTED_TO_ITSELF))
            return
        try:
            protocol = factory.build()
        except Exception as error:
            transport.abortConnection()
            factory.fail(error)
            return
        self.dataReceived, self.connectionLost = protocol.dataReceived, protocol.connectionLost
        transport.protocol = protocol
        protocol.makeConnection(transport)
        factory.succeed(protocol)

    def connectionMade(self) -> None:
        """Not called: ``makeConnection`` is what transports call."""


def discard(_what: object) -> None:
    """Nobody has been introduced."""
