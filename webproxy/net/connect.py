"""Connecting to a destination, on either kind of reactor.

One destination, one attempt: who has several candidates tries them one after the other. Failures are Twisted's, on
every reactor; the border of ``upstream/`` translates them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import ClientFactory

from webproxy.net.attempt import Attempt
from webproxy.net.destination import Unix
from webproxy.net.reactor import native_loop
from webproxy.net.sockopt import keep_alive

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IAddress, IConnector, IProtocol
    from twisted.python.failure import Failure

    from webproxy.net.destination import Destination


def connect(
    reactor: Any, destination: Destination, build: Callable[[], IProtocol], timeout: float
) -> Deferred[IProtocol]:
    """Connect a protocol.

    :param build: makes the protocol, once there is a connection.
    :param timeout: seconds, name resolution included.
    :returns: fires with the protocol, connected; fails with :class:`twisted.internet.error.ConnectError` (its
        subclasses name the cause: refused, timeout, no route, ...), :class:`twisted.internet.error.DNSLookupError`, or
        what ``build`` raised. Cancelling aborts the attempt.
    """
    loop = native_loop(reactor)
    if loop is not None:
        return Attempt(loop, build, timeout).start(destination)
    return _connect_twisted(reactor, destination, build, timeout)


def _connect_twisted(
    reactor: Any, destination: Destination, build: Callable[[], IProtocol], timeout: float
) -> Deferred[IProtocol]:
    factory = OneConnection(reactor, build)
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

    def __init__(self, reactor: Any, build: Callable[[], IProtocol]) -> None:
        self._reactor = reactor
        self._build = build
        self.connector: IConnector | None = None
        self.connected: Deferred[IProtocol] = Deferred(self._cancel)

    def buildProtocol(self, addr: IAddress) -> IProtocol | None:  # type: ignore[override]
        """Build the protocol; Twisted connects it after this, so the news waits for the next turn."""
        if self.connected.called:
            return None
        keep_alive(self.connector.transport.getHandle())  # type: ignore[union-attr]
        try:
            protocol = self._build()
        except Exception:
            self.connected.errback()
            return None
        self._reactor.callLater(0, self._tell, protocol)
        return protocol

    def clientConnectionFailed(self, connector: IConnector, reason: Failure) -> None:
        """Pass the failure on."""
        if not self.connected.called:
            self.connected.errback(reason)

    def _tell(self, protocol: IProtocol) -> None:
        if not self.connected.called:
            self.connected.callback(protocol)

    def _cancel(self, _connected: Deferred[IProtocol]) -> None:
        if self.connector is not None:
            self.connector.disconnect()
