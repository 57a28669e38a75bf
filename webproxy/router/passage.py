"""A passage: a client's decrypted connection on one side, a machine's on the other, and bytes in between.

Rule of this file: how the two ``sides`` are brought together, and what is known of them at the end. There is no idle
limit here: the machine knows the traffic, and has one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from webproxy.net.connect import connect
from webproxy.net.tcp_info import Carried, carried
from webproxy.net.transport import NativeTransport
from webproxy.router.sides import ClientSide, MachineSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure

    from webproxy.net.departure import DepartureWatch
    from webproxy.net.destination import Tcp
    from webproxy.router.sides import Side

CONNECTING = 5.0
"""Seconds that a machine may take to accept a connection."""


class Passage:
    """States: waiting (the machine has not accepted yet), open, over.

    :param header: the PROXY header that goes first.
    :param refused: told when the machine does not accept the connection: the client waits for an answer.
    :param over: told once, when nothing is left of it.
    :param crowd: what all passages of a router share.
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
        crowd: set[Side],
    ) -> None:
        self._reactor = reactor
        self._machine = machine
        self._header = header
        self._refused = refused
        self._over = over
        self._crowd = crowd
        self._attempt: Deferred[Any] | None = None
        self._ends = 0
        self._head = 0
        self._carried: Carried | None = None
        self._far: Side | None = None
        self.client = ClientSide(departures, self._lost)

    def __repr__(self) -> str:
        return f"<Passage to {self._machine}>"

    def open(self) -> None:
        """Connect to the machine; the client stands and waits, unless it has left since its handshake."""
        if self.client.ended:
            self._over(self)
            return
        build: Callable[[], Any] = lambda: MachineSide(self._crowd, self._lost)  # noqa: E731
        self._ends = 1
        self._attempt = connect(self._reactor, self._machine, build, CONNECTING)
        self._attempt.addCallbacks(self._connected, self._not_connected)

    def _connected(self, machine: MachineSide) -> None:
        self._attempt = None
        self._ends += 1
        client = self.client
        if client.ended:
            machine.transport.abortConnection()
            return
        self._far = machine
        header = self._header()
        self._head = len(header)
        machine.transport.write(header + client.said())  # in one segment
        client.join(machine)
        machine.join(client)

    def cut(self) -> None:
        """End it at once, on both sides."""
        self.client.transport.abortConnection()

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
            self._header = bytes  # it may know this passage, and nothing that is over may wait for Python's collector
            self._over(self)
