"""One leg of a bridge: autobahn reads the frames that come in, and what they say goes out on the other leg.

Rule of this file: the connection: how much of it is read at a time, when reading waits, how it ends. What frames mean
is ``hearing``'s.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IHalfCloseableProtocol, IProtocol, IPushProducer
from zope.interface import implementer

from webproxy.net.reset import was_reset
from webproxy.websocket.frame import reach
from webproxy.websocket.hearing import Hearer
from webproxy.websocket.masks import MaskKeeper
from webproxy.websocket.quiet import Side
from webproxy.websocket.text import Utf8Check

if TYPE_CHECKING:
    from autobahn.websocket.compress_deflate import PerMessageDeflate
    from twisted.python.failure import Failure

    from webproxy.websocket.bridge import Bridge
    from webproxy.websocket.terms import Keeper

BITE = 4096
"""Most bytes that autobahn gets at once, unless they are one frame's: it copies what is left for every frame."""

COMPRESSED_BITE = 2048
"""The same where bytes may be inflated, a thousandfold at most."""

TURN = 8192
"""After so many bytes in bites the others have their turn: of the smallest frames these are 1,400, and take 20 ms."""


@implementer(IProtocol, IHalfCloseableProtocol, IPushProducer)
class Leg(Hearer):
    """States: open, told (a Close went out), deaf (a Close came in, or what breaks the rules), lost.

    :ivar count: bytes that came in.
    :ivar heard: whether any came in since this was last set to False.
    :ivar paused: whether nothing is read for now.
    :ivar lost: whether the connection is gone.
    """

    count = 0
    heard = False
    paused = False
    lost = False
    _stalled = False  # the other side is full
    _turn = False  # it is the others' turn
    _held = b""

    def __init__(self, bridge: Bridge, keeper: Keeper, deflate: PerMessageDeflate | None) -> None:
        self.bridge = bridge
        self.keeper = keeper
        self.transport: Any = keeper.transport
        self.utf8validator = Utf8Check()
        self._perMessageCompress = deflate

    def __repr__(self) -> str:
        states = [name for name in ("told", "deaf", "lost", "paused") if getattr(self, name)]
        return f"<{type(self).__name__} {'+'.join(states) or 'open'} count={self.count}>"

    # IProtocol, IHalfCloseableProtocol

    def makeConnection(self, transport: Any) -> None:
        """Never: the connection was made long ago."""

    def connectionMade(self) -> None:
        """Never either."""

    def begin(self, early: bytes) -> None:
        """Read what came before the bridge stood, then all that comes."""
        self.transport.registerProducer(self, True)
        if early:
            self.dataReceived(early)

    def dataReceived(self, data: bytes) -> None:
        """Let autobahn read; what the other side has no room for waits."""
        self.count += len(data)
        self.heard = True
        if self.paused or len(data) > COMPRESSED_BITE:
            self._held += data
            self._read_held()
        elif not self.deaf:
            self._read(data)

    def _read(self, data: bytes) -> None:
        self.data = self.data + data if self.data else data
        try:
            self.consumeData()
        except zlib.error as error:  # autobahn before 25 leaves it to whoever calls
            self._invalid_payload(f"a message cannot be inflated: {error}")

    def _read_held(self) -> None:
        """Read what is here, bite by bite, until the other side is full."""
        data, at, eaten = self._held, 0, 0
        self._held = b""
        while at < len(data) and not self.paused and not self.deaf:
            appetite = self._appetite(data, at)
            end = at + appetite
            self._read(data[at:end] if at or end < len(data) else data)
            at = end
            eaten += appetite if appetite <= BITE else 0
            if eaten >= TURN and at < len(data) and not self.deaf:
                self._give_turn()
        if at < len(data) and not self.deaf:
            self._held = data[at:]

    def _appetite(self, data: bytes, at: int) -> int:
        """How many bytes to read at once: all of a large frame, a few small ones."""
        if self._perMessageCompress is not None:
            return COMPRESSED_BITE
        frame = self.current_frame
        if frame is not None:
            rest: int = frame.length - self.current_frame_masker.pointer()
            return max(BITE, rest)
        return BITE if self.data else max(BITE, reach(data, at))

    def readConnectionLost(self) -> None:
        """The peer has finished."""
        self.bridge.finished(self)

    def writeConnectionLost(self) -> None:
        """Our FIN is out."""

    def connectionLost(self, reason: Failure) -> None:
        """The connection is gone."""
        self.lost = self.deaf = True
        self._held = b""
        self.bridge.terms.departures.unwatch(self.transport)
        self.bridge.lost(self, reason)
        self.keeper.connectionLost(reason)

    # IPushProducer: whether this leg's peer keeps up with what is said to it

    def pauseProducing(self) -> None:
        """It does not: the other side waits."""
        self.other.pause()

    def resumeProducing(self) -> None:
        """It has caught up."""
        self.other.resume()

    def stopProducing(self) -> None:
        """The transport is gone; ``connectionLost`` says so too."""

    def pause(self) -> None:
        """Read no more: the other side is full."""
        if not self.lost and not self.deaf:
            self._stalled = True
            self._stop()

    def resume(self) -> None:
        """Read on."""
        self._stalled = False
        self._go_on()

    def _give_turn(self) -> None:
        """Let the others have their turn before the next bite."""
        self._turn = True
        self._stop()
        self.bridge.terms.clock.callLater(0, self._take_turn)

    def _take_turn(self) -> None:
        self._turn = False
        self._go_on()

    def _stop(self) -> None:
        """Stop reading. A paused transport does not notice a reset, so it is watched meanwhile."""
        if not self.paused:
            self.paused = True
            self.transport.pauseProducing()
            self.bridge.terms.departures.watch(self.transport, self._left_while_paused)

    def _go_on(self) -> None:
        """Read what is here, then what comes, unless there is still a reason not to."""
        if not self.paused or self._stalled or self._turn or self.lost:
            return
        self.paused = False
        self._read_held()
        if not self.paused:
            self.bridge.terms.departures.unwatch(self.transport)
            self.transport.resumeProducing()

    def _left_while_paused(self) -> None:
        """A reset counts at once; a FIN only when everything before it has been read."""
        if was_reset(self.transport):
            self.transport.abortConnection()


class ClientLeg(MaskKeeper, Leg):
    """The leg to the client: we are the server, mask nothing, and insist on masks (RFC 6455 §5.1)."""

    factory = Side(server=True)
    masks = False


class UpstreamLeg(Leg):
    """The leg to the service: we are the client, and mask."""

    factory = Side(server=False)
    masks = True
