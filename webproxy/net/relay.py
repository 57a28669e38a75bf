"""Bytes from one transport to another, past Python: one direction of a connection.

How two endpoints are joined, and un-joined::

    relay = relays.join(source, sink, owner)         # None: not here; go on with dataReceived and write
    ...
    rest = relay.stop()                              # by whoever wants the bytes to come by Python again
    sink.write(rest)

* While a relay runs, nobody else reads from ``source`` and nobody else writes to ``sink``; ``join`` pauses the source,
  and ``stop`` and the relay's own end resume it. The other two directions, reading from the sink and writing to the
  source, are as they were. For both directions of a tunnel, join twice, each transport being once source, once sink.
* **Bytes already read go first**: write them to ``sink`` before joining. The relay waits until its buffer is empty.
* **The end.** With a ``length`` the relay takes exactly so many bytes, and what follows them is read by ``source`` as
  ever. Without one it runs until the source ends. ``over`` is told once everything taken has been given; the
  transport then sees the end of file itself, and tells its protocol as ever. No deadline and no limit is kept here.
* **Failure.** ``source_failed`` and ``sink_failed`` are told after the relay has ended. The transport need not know:
  its owner aborts it.
* **Whoever loses a transport stops the relay first**: in ``connectionLost`` at the latest.
* Back pressure is the kernel's: what the sink does not take stays in the source's queue, but for one carrier's load.
"""

from __future__ import annotations

import math
import select
from typing import TYPE_CHECKING, Protocol

from webproxy.net.pipe_pool import SIZE
from webproxy.net.progress import buffered
from webproxy.net.relay_step import Step, next_step

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.net.carriers import Carrier
    from webproxy.net.pipe_pool import PipePool
    from webproxy.net.readiness import Readiness
    from webproxy.net.stream import StreamTransport

UNTIL_END = math.inf
"""Length of what is relayed until the source ends."""

DEPARTURE = getattr(select, "EPOLLRDHUP", 0)


class RelayOwner(Protocol):
    """Whoever joined two transports, and learns how the bytes go. All calls come from within the reactor's turns."""

    def moved(self, taken: int, given: int) -> None:
        """So many bytes were taken from the source, so many given to the sink, since this was last told."""

    def sink_stalled(self) -> None:
        """The sink does not keep up."""

    def sink_ready(self) -> None:
        """It has caught up."""

    def over(self) -> None:
        """The relay has ended: the length is reached, or the source is at its end; it is being read as before."""

    def source_failed(self, error: OSError) -> None:
        """The relay has ended: the source broke, or (if that was to be watched) left while the sink did not keep up."""

    def sink_failed(self, error: OSError) -> None:
        """The relay has ended: the sink broke."""


class Relay:
    """States: flushing (the sink's buffer goes first), taking, giving (the sink is full), over.

    Made by :meth:`webproxy.net.relays.Relays.join`.

    :ivar left: bytes still to take; ``math.inf`` until the source ends.
    :ivar stalled: whether the sink does not keep up.
    """

    __slots__ = (
        "_arriving",
        "_carrier",
        "_ended",
        "_error",
        "_leaving",
        "_owner",
        "_pipes",
        "_sink",
        "_sink_number",
        "_source",
        "_source_number",
        "_watching",
        "left",
        "running",
        "stalled",
    )

    def __init__(
        self,
        ways: tuple[Readiness, Readiness, PipePool],
        source: StreamTransport,
        sink: StreamTransport,
        owner: RelayOwner,
        length: float,
        *,
        watching: bool,
    ) -> None:
        self._arriving, self._leaving, self._pipes = ways
        self._source, self._source_number = source, source.fileno()
        self._sink, self._sink_number = sink, sink.fileno()
        self._owner = owner
        self._watching = watching
        self._carrier: Carrier | None = None
        self._ended = False
        self._error: OSError | None = None
        self.left = length
        self.running = False
        self.stalled = False

    def __repr__(self) -> str:
        state = ("giving" if self.stalled else "taking") if self.running else "over"
        return f"<Relay {state} {self._source_number}->{self._sink_number} left={self.left} {self._carrier}>"

    def start(self) -> None:
        """Begin, as soon as what was written to the sink has left.

        :raises OSError: the system can watch no more descriptors; nothing has changed then.
        """
        self._arriving.add(self._source_number, self._on_source)
        try:
            self._leaving.add(self._sink_number, self._on_sink)
        except OSError:
            self._arriving.remove(self._source_number, self._on_source)
            raise
        self.running = True
        self._source.pauseProducing()
        self._leaving.wait(self._sink_number, select.EPOLLOUT)

    def stop(self) -> bytes:
        """End the relay and let the source be read as before; a relay that is over does no harm.

        :returns: what was taken and not given: the sink's next bytes.
        """
        rest = b""
        if self.running:
            carrier = self._carrier
            rest = carrier.empty() if carrier is not None else b""
            self._end()
        return rest

    def abandon(self) -> None:
        """End the relay, and throw away what was taken and not given: one of the two transports is of no more use."""
        if self.running:
            self._end()

    def _end(self) -> None:
        self.running = False
        self._arriving.remove(self._source_number, self._on_source)
        self._leaving.remove(self._sink_number, self._on_sink)
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            self._pipes.give_back(carrier)
        self._source.resumeProducing()

    # Events

    def _on_sink(self) -> None:
        """The sink has room: for its transport's own bytes first."""
        if buffered(self._sink):
            self._leaving.wait(self._sink_number, select.EPOLLOUT)
        else:
            self._guarded(self._take if self._carrier is None else self._pass_on)

    def _on_source(self) -> None:
        """The source has bytes, or has ended; or it left while it was not asked for more."""
        self._guarded(self._departed if self.stalled else self._take)

    def _guarded(self, turn: Callable[[], None]) -> None:
        """Make a turn; when the owner raises, what it left behind cannot be trusted, and both transports end."""
        try:
            turn()
        except Exception:
            self.abandon()
            self._source.abortConnection()
            self._sink.abortConnection()
            raise

    def _departed(self) -> None:
        self._end()
        self._owner.source_failed(ConnectionResetError("left while the other side did not keep up"))

    def _take(self) -> None:
        """Take what is there, up to a carrier's load, and pass it on."""
        carrier = self._pipes.take()
        taken = 0
        try:
            taken = carrier.fill(self._source_number, int(min(self.left, SIZE)))
            self._ended = not taken
        except BlockingIOError:
            pass
        except OSError as error:
            self._ended, self._error = True, error
        self.left -= taken
        self._carrier = carrier
        self._pass_on(taken)

    def _pass_on(self, taken: int = 0) -> None:
        """Give what is held, and wait for whatever comes next."""
        carrier = self._carrier
        if carrier is None:
            return
        before, broken = carrier.held, None
        try:
            if before:
                carrier.drain(self._sink_number)
        except OSError as error:
            broken = error
        given = before - carrier.held
        step = next_step(carrier.held, self.left, ended=self._ended)
        if not carrier.held:
            self._carrier = None
            self._pipes.give_back(carrier)
        if taken or given:
            self._owner.moved(taken, given)
        if not self.running:
            return
        if broken is not None:
            self._end()
            self._owner.sink_failed(broken)
        else:
            self._wait(step)

    def _wait(self, step: Step) -> None:
        if step is Step.OVER:
            self._end()
            if self._error is None:
                self._owner.over()
            else:
                self._owner.source_failed(self._error)
            return
        giving = step is Step.GIVE
        if giving is not self.stalled:
            self.stalled = giving
            (self._owner.sink_stalled if giving else self._owner.sink_ready)()
        if not self.running:
            return
        if giving:
            self._leaving.wait(self._sink_number, select.EPOLLOUT)
        if not giving or self._watching:
            self._arriving.wait(self._source_number, DEPARTURE if giving else select.EPOLLIN | DEPARTURE)
