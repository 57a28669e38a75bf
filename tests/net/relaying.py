"""Two connections of ours that a relay joins, and what its owner is told."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from tests.peers import HalfRecorder, serving, until
from webproxy.net.relays import Relays

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.peers import FarEnd, Recorder
    from webproxy.net.pipe_pool import PipePool

MIB = 1 << 20


class Owner:
    """Writes down what it is told.

    :ivar events: all but what was moved, in order.
    """

    def __init__(self) -> None:
        self.taken = self.given = 0
        self.events: list[str] = []

    def moved(self, taken: int, given: int) -> None:
        self.taken += taken
        self.given += given

    def sink_stalled(self) -> None:
        self.events.append("stalled")

    def sink_ready(self) -> None:
        self.events.append("ready")

    def over(self) -> None:
        self.events.append("over")

    def source_failed(self, error: OSError) -> None:
        self.events.append(f"source: {error}")

    def sink_failed(self, error: OSError) -> None:
        self.events.append(f"sink: {error}")

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1] not in {"stalled", "ready"}


class Joint:
    """``near`` says what ``far`` hears.

    :ivar source: what our end of ``near``'s connection was told.
    :ivar sink: what our end of ``far``'s was.
    """

    def __init__(self, reactor: Any, relays: Relays, ends: tuple[Any, Any, Any, Any]) -> None:
        self.reactor = reactor
        self.relays = relays
        self.source: Recorder = ends[0]
        self.near: FarEnd = ends[1]
        self.sink: Recorder = ends[2]
        self.far: FarEnd = ends[3]
        self.owner = Owner()

    def join(self, length: float | None = None, *, watching: bool = False) -> Any:
        source, sink = self.source.transport, self.sink.transport
        given = {} if length is None else {"length": length}
        return self.relays.join(source, sink, self.owner, watching=watching, **given)  # type: ignore[arg-type]

    async def ended(self) -> list[str]:
        """Wait for the relay's end; everything that the owner was told but pauses."""
        await until(self.reactor, lambda: self.owner.ended, "the relay ended")
        return [event for event in self.owner.events if event not in {"stalled", "ready"}]


@asynccontextmanager
async def joint(reactor: Any, pipes: PipePool | None = None, *, receive_buffer: int = 0) -> AsyncIterator[Joint]:
    """Both connections, and what joins them; at the end everything is given back."""
    async with serving(reactor) as sources, serving(reactor, HalfRecorder) as sinks:
        source = await sources.connected()
        sink = await sinks.connected(receive_buffer=receive_buffer)
        relays = Relays(reactor, pipes)
        yield Joint(reactor, relays, (*source, *sink))
        relays.close()
