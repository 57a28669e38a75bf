"""A passage: a client's decrypted connection on one side, a machine's on the other, and bytes in between.

Rule of this file: no byte is looked at. What one side reads is written on the other by the transport's own ``write``,
without Python of ours in between; whoever does not keep up makes the other side wait; and each way of ending is passed
on as what it is: an end after the last byte, or a reset at once, so that nobody takes a torn answer for a whole one and
a GPU stops when its client has gone. There is no idle limit here: the machine knows the traffic, and has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.net.connect import connect
from webproxy.net.tcp_info import Carried, carried
from webproxy.net.transport import NativeTransport, discard

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from webproxy.net.departure import DepartureWatch
    from webproxy.net.destination import Tcp
    from webproxy.net.stream import StreamTransport

CONNECTING = 5.0
"""Seconds that a machine may take to accept a connection."""


@implementer(IProtocol, IPushProducer)
class Side:
    """One side. As a producer it is the other side's: that one says when this one must wait.

    :param departures: watches whether it leaves while it is not read: of a client, who wants no more then. Not of a
        machine: the end of its answer may wait in the kernel.
    :param lost: told of the end.
    :ivar dataReceived: the other side's ``write``.
    :ivar passed: bytes that it was given, where the transport is not the kernel's to count for.
    """

    __slots__ = ("_departures", "_held", "_lost", "dataReceived", "ended", "other", "passed", "transport")

    transport: StreamTransport

    def __init__(self, departures: DepartureWatch | None, lost: Callable[[Side, Failure], None]) -> None:
        self._departures = departures
        self._lost = lost
        self._held = b""
        self.dataReceived: Callable[[bytes], None] = self._hold
        self.ended = False
        self.passed = 0
        self.other: Side | None = None

    def __repr__(self) -> str:
        return f"<Side {'ended' if self.ended else 'open'}>"

    def makeConnection(self, transport: Any) -> None:
        """Take the transport; nothing is read before the other side stands."""
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """Wait."""
        self._pause()

    def join(self, other: Side) -> None:
        """From here on what is read here is written there."""
        self.other = other
        if self._held:
            self.passed += len(self._held)
            other.transport.write(self._held)
            self._held = b""
        native = isinstance(other.transport, NativeTransport)
        self.dataReceived = other.transport.write if native else self._counted(other.transport.write)
        self.transport.protocol = self  # who keeps the bound method asks again
        other.transport.registerProducer(self, True)
        self._resume()

    def _counted(self, write: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Count what goes through: on Twisted's reactors the descriptor is closed by the time of its end."""

        def take(data: bytes) -> None:
            self.passed += len(data)
            write(data)

        return take

    def _hold(self, data: bytes) -> None:
        """Keep what came with the end of the handshake: Twisted's TLS gives that although it is paused."""
        self._held += data

    def _pause(self) -> None:
        """Read no more; a client that leaves meanwhile is noticed all the same."""
        self.transport.pauseProducing()
        if self._departures is not None:
            self._departures.watch(self.transport, self.transport.abortConnection)

    def _resume(self) -> None:
        if self._departures is not None:
            self._departures.unwatch(self.transport)
        self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The other side does not keep up."""
        if not self.ended:
            self._pause()

    def resumeProducing(self) -> None:
        """It has caught up."""
        if not self.ended:
            self._resume()

    def stopProducing(self) -> None:
        """The other side has ended; ``connectionLost`` says so, too."""

    def connectionLost(self, reason: Failure) -> None:
        """This side has ended: so does the other, in the same manner."""
        self.ended = True
        if self._departures is not None:
            self._departures.unwatch(self.transport)
        self.dataReceived = discard
        other = self.other
        if other is not None and not other.ended:
            other.dataReceived = discard
            other.transport.unregisterProducer()
            if reason.check(ConnectionDone):
                other.transport.loseConnection()
            else:
                other.transport.abortConnection()
        self._lost(self, reason)


class Passage:
    """States: waiting (the machine has not accepted yet), open, over.

    :param header: the PROXY header that goes first.
    :param refused: told when the machine does not accept the connection: the client waits for an answer.
    :param over: told once, when nothing is left of it.
    """

    def __init__(
        self,
        reactor: Any,
        machine: Tcp,
        header: Callable[[], bytes],
        departures: DepartureWatch,
        *,
        refused: Callable[[Passage], None],
        over: Callable[[Passage], None],
    ) -> None:
        self._reactor = reactor
        self._machine = machine
        self._header = header
        self._refused = refused
        self._over = over
        self._attempt: Deferred[Any] | None = None
        self._ends = 0
        self._head = 0
        self._carried: Carried | None = None
        self._far: Side | None = None
        self.client = Side(departures, self._lost)

    def __repr__(self) -> str:
        return f"<Passage to {self._machine}>"

    def open(self) -> None:
        """Connect to the machine; the client stands and waits."""
        build: Callable[[], Any] = lambda: Side(None, self._lost)  # noqa: E731
        self._ends = 1
        self._attempt = connect(self._reactor, self._machine, build, CONNECTING)
        self._attempt.addCallbacks(self._connected, self._not_connected)

    def _connected(self, machine: Side) -> None:
        self._attempt = None
        self._ends += 1
        client = self.client
        if client.ended:
            machine.transport.abortConnection()
            return
        self._far = machine
        header = self._header()
        self._head = len(header)
        machine.transport.write(header)
        client.join(machine)
        machine.join(client)

    def carried(self) -> Carried:
        """Tell how many bytes went to the machine, without the header, and came from it."""
        far = self._far
        if far is None:
            return Carried()
        transport: Any = far.transport
        if self._carried is not None:
            return self._carried
        if not isinstance(transport, NativeTransport):
            return Carried(self.client.passed, far.passed)
        sent, received = carried(transport)
        return Carried(max(0, sent - self._head), received)

    def _not_connected(self, failure: Failure) -> None:
        self._attempt = None
        if not self.client.ended:
            self._refused(self)

    def _lost(self, side: Side, reason: Failure) -> None:
        self._ends -= 1
        if side is self._far:
            self._carried = self.carried()  # the last time that the kernel can be asked
        attempt = self._attempt
        if attempt is not None:
            self._attempt = None
            attempt.addErrback(lambda _: None)
            attempt.cancel()
        if not self._ends:
            self._over(self)
