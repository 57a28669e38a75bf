"""The two sides of a passage: a client's decrypted connection, and a machine's.

Rule of this file: no byte is looked at. What one side reads is written on the other by the transport's own ``write``;
whoever does not keep up makes the other side wait; each way of ending is passed on as what it is: an end after the last
byte, or a reset at once, so that nobody takes a torn answer for a whole one and a GPU stops when its client has gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.net.tls import takes_views
from webproxy.net.transport import NativeTransport, discard

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.python.failure import Failure

    from webproxy.net.departure import DepartureWatch
    from webproxy.net.stream import StreamTransport

MOST_HELD = 65536
"""Bytes of a client that waits for its machine, from which on it is read no more."""
ROOM = memoryview(bytearray(1024 * 1024))
"""What is read from machines passes through here. What a client does not take at once of a piece is copied and waits:
a GiB costs 690 ms with pieces of this size, 800 with 256 KiB, 900 with 128."""
LITTLE = ROOM[: 128 * 1024]
"""While many wait for their clients."""
MANY = 64


@implementer(IProtocol, IPushProducer)
class Side:
    """One side. As a producer it is the other side's: that one says when this one must wait.

    :param lost: told of the end.
    :ivar dataReceived: the other side's ``write``.
    :ivar passed: bytes that it was given, where the transport is not the kernel's to count for.
    """

    __slots__ = ("_lost", "dataReceived", "ended", "other", "passed", "transport")

    transport: StreamTransport

    def __init__(self, lost: Callable[[Side, Failure], None]) -> None:
        self._lost = lost
        self.dataReceived: Callable[[bytes], None] = discard
        self.ended = False
        self.passed = 0
        self.other: Side | None = None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'ended' if self.ended else 'open'}>"

    def makeConnection(self, transport: Any) -> None:
        """Take the transport."""
        self.transport = transport
        self.connectionMade()

    def connectionMade(self) -> None:
        """Wait to be joined."""

    def join(self, other: Side) -> None:
        """From here on what is read here is written there."""
        self.other = other
        native = isinstance(other.transport, NativeTransport)
        self.dataReceived = other.transport.write if native else self._counted(other.transport.write)
        self.transport.protocol = self  # who keeps the bound method asks again
        other.transport.registerProducer(self, True)

    def _counted(self, write: Callable[[bytes], None]) -> Callable[[bytes], None]:
        """Count what goes through: on Twisted's reactors the descriptor is closed by the time of its end."""

        def take(data: bytes) -> None:
            self.passed += len(data)
            write(data)

        return take

    def pause(self) -> None:
        """Read no more."""
        self.transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        self.transport.resumeProducing()

    def pauseProducing(self) -> None:
        """The other side does not keep up."""
        if not self.ended:
            self.pause()

    def resumeProducing(self) -> None:
        """It has caught up."""
        if not self.ended:
            self.resume()

    def stopProducing(self) -> None:
        """The other side has ended; ``connectionLost`` says so, too."""

    def connectionLost(self, reason: Failure) -> None:
        """This side has ended: so does the other, in the same manner."""
        self.ended = True
        self.dataReceived = discard
        other = self.other
        if other is not None and not other.ended:
            other.dataReceived = discard
            other.transport.unregisterProducer()
            if reason.check(ConnectionDone):
                other.transport.loseConnection()
            else:
                other.transport.abortConnection()
        # Nothing of a passage that is over may wait for Python's collector: with it would wait what OpenSSL has for it.
        self.other = None
        lost, self._lost = self._lost, _forgotten
        lost(self, reason)


def _forgotten(_side: Side, _reason: Failure) -> None:
    """Whoever wanted to know has been told."""


class ClientSide(Side):
    """The client's side: what it says before the machine stands is kept, up to a bound.

    :param departures: watches whether it leaves while it is not read: it wants no more then; and all the time whether
        it resets, which a transport that reads might never learn. Nobody watches a machine: the end of its answer may
        wait in the kernel.
    """

    __slots__ = ("_departures", "_held", "_paused")

    def __init__(self, departures: DepartureWatch, lost: Callable[[Side, Failure], None]) -> None:
        super().__init__(lost)
        self._departures = departures
        self._held = b""
        self._paused = False
        self.dataReceived = self._hold

    def connectionMade(self) -> None:
        """Wait to be joined."""
        self._watch_resets()

    def _watch_resets(self) -> None:
        self._departures.watch(self.transport, self.transport.abortConnection, resets=True)

    def said(self) -> bytes:
        """Give what it has said until now."""
        held, self._held = self._held, b""
        self.passed += len(held)
        return held

    def join(self, other: Side) -> None:
        """As of any side; it is read on."""
        super().join(other)
        if self._paused:
            self.resume()

    def pause(self) -> None:
        """Read no more; a client that leaves meanwhile is noticed all the same."""
        super().pause()
        self._paused = True
        self._departures.watch(self.transport, self.transport.abortConnection)

    def resume(self) -> None:
        """Read on."""
        self._watch_resets()
        self._paused = False
        super().resume()

    def _hold(self, data: bytes) -> None:
        """Keep it. Pausing before there is too much would cost 25 us for each connection, and win nothing."""
        self._held += data
        if len(self._held) >= MOST_HELD and not self._paused:
            self.pause()

    def connectionLost(self, reason: Failure) -> None:
        """As of any side."""
        self._departures.unwatch(self.transport)
        super().connectionLost(reason)


class MachineSide(Side):
    """The machine's side.

    Once it had to wait for its client, there is much of it: from then on a native transport reads into a buffer that
    all passages share. Before, nothing of ours stands between the two transports.

    :param crowd: those of all passages that wait for their clients.
    """

    __slots__ = ("_crowd", "_much", "_take")

    def __init__(self, crowd: set[Side], lost: Callable[[Side, Failure], None]) -> None:
        super().__init__(lost)
        self._crowd = crowd
        self._take: Callable[[Any], None] = discard
        self._much = False

    def join(self, other: Side) -> None:
        """As of any side."""
        write = other.transport.write
        self._take = write if takes_views(other.transport) else lambda view: write(bytes(view))
        super().join(other)

    @property
    def room(self) -> Callable[[int], memoryview]:
        """What gives where to read to; an AttributeError while ``dataReceived`` takes what is read."""
        if not self._much:
            raise AttributeError("there is not much of it yet")
        return self._room

    def _room(self, _hint: int) -> memoryview:
        """Give where to read to; nothing of it is kept when ``filled`` returns."""
        return ROOM if len(self._crowd) < MANY else LITTLE

    def filled(self, count: int) -> None:
        """Pass on what was read."""
        self._take(ROOM[:count])

    def pause(self) -> None:
        """Read no more."""
        super().pause()
        self._crowd.add(self)
        if not self._much:
            self._much = True
            self.transport.protocol = self  # it asks again how it is to be read

    def resume(self) -> None:
        """Read on."""
        self._crowd.discard(self)
        super().resume()

    def connectionLost(self, reason: Failure) -> None:
        """As of any side."""
        self._take = discard
        self._crowd.discard(self)
        super().connectionLost(reason)
