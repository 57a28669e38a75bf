"""Connecting to a destination, on either kind of reactor.

One destination, one attempt: who has several candidates tries them one after the other. Failures are Twisted's, on
every reactor; the border of ``upstream/`` translates them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import ClientFactory
from zope.interface import implementer

from webproxy.net.attempt import Attempt
from webproxy.net.destination import Unix
from webproxy.net.reactor import native_loop
from webproxy.net.sockopt import keep_alive

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
    """Twisted's way to one connection.

    :ivar connected: fires with the protocol, or fails.
    """

    noisy = False

    def __init__(self, build: Callable[[], IProtocol]) -> None:
        self._build = build
        self._over = False
        self.connector: IConnector | None = None
        self.connected: Deferred[IProtocol] = Deferred(self._cancel)

    def buildProtocol(self, addr: IAddress) -> IProtocol | None:  # type: ignore[override]
        """Build the protocol."""
        if self._over:
            return None
        try:
            return Introduction(self, self._build())
        except Exception:
            self._over = True
            self.connected.errback()
            return None

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Pass the failure on."""
        if not self._over:
            self._over = True
            self.connected.errback(reason)

    def introduced(self, protocol: IProtocol) -> None:
        """The protocol is connected."""
        if not self._over:
            self._over = True
            self.connected.callback(protocol)

    def _cancel(self, _connected: Deferred[IProtocol]) -> None:
        self._over = True
        if self.connector is not None:
            self.connector.disconnect()


@implementer(IProtocol)
class Introduction:
    """Connects the real protocol and tells so; Twisted's transports talk to the real one from then on."""

    def __init__(self, factory: OneConnection, protocol: IProtocol) -> None:
        self._factory = factory
        self._protocol = protocol
        self.dataReceived = protocol.dataReceived
        self.connectionLost = protocol.connectionLost

    def makeConnection(self, transport: Any) -> None:
        """Set the leg's options, step aside, and tell."""
        sock = transport.getHandle() if hasattr(transport, "getHandle") else None
        if sock is not None:
            keep_alive(sock)
        transport.protocol = self._protocol
        self._protocol.makeConnection(transport)
        self._factory.introduced(self._protocol)

    def connectionMade(self) -> None:
        """Not called: ``makeConnection`` is what transports call."""
