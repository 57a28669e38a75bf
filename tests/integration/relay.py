"""A bad hop between two honest ends: passes bytes on, but collects what comes back, or cuts the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import LoopingCall

if TYPE_CHECKING:
    from twisted.python.failure import Failure


class Upstream(Protocol):
    """The leg to the service."""

    def __init__(self, client: Leg) -> None:
        self._client = client

    def dataReceived(self, data: bytes) -> None:
        self._client.collect(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._client.flush()
        self._client.transport.loseConnection()


class Leg(Protocol):
    """The leg to the client."""

    transport: Any

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._early: list[bytes] = []
        self._held: list[bytes] = []
        self._upstream: Any = None

    def connectionMade(self) -> None:
        self._relay.legs.add(self)
        endpoint = HostnameEndpoint(self._relay.reactor, "127.0.0.1", self._relay.upstream)
        connectProtocol(endpoint, Upstream(self)).addCallback(self._connected)

    def _connected(self, upstream: Upstream) -> None:
        self._upstream = upstream.transport
        self._upstream.writeSequence(self._early)

    def dataReceived(self, data: bytes) -> None:
        if self._upstream:
            self._upstream.write(data)
        else:
            self._early.append(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._relay.legs.discard(self)
        if self._upstream:
            self._upstream.loseConnection()

    def collect(self, data: bytes) -> None:
        """What the service sent waits for the next round."""
        self._held.append(data)

    def flush(self) -> None:
        """Pass on what has been collected."""
        self.transport.writeSequence(self._held)
        self._held = []


class Relay(Factory):
    """Listens on a port of its own, passes answers on only every so often.

    :param upstream: port of the service.
    :param hold: seconds for which bytes of an answer are collected.
    """

    def __init__(self, reactor: Any, upstream: int, hold: float) -> None:
        self.reactor = reactor
        self.upstream = upstream
        self.legs: set[Leg] = set()
        self._rounds = LoopingCall(self._flush)
        self._rounds.clock = reactor
        self._rounds.start(hold, now=False)
        self._listening = reactor.listenTCP(0, self, interface="127.0.0.1")
        self.port: int = self._listening.getHost().port

    def buildProtocol(self, addr: object) -> Leg:
        return Leg(self)

    def _flush(self) -> None:
        for leg in self.legs:
            leg.flush()

    def cut(self) -> None:
        """Every connection ends with a reset, in the middle of whatever it carries."""
        for leg in tuple(self.legs):
            leg.transport.abortConnection()

    async def refuse(self) -> None:
        """Cut every connection and accept no more."""
        await maybeDeferred(self._listening.stopListening)
        self.cut()

    async def close(self) -> None:
        """Stop listening and cut what is left."""
        self._rounds.stop()
        await self.refuse()
