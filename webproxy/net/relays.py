"""Where transports are joined: what relays share, and whether two transports can be joined at all."""

from __future__ import annotations

import select
from typing import TYPE_CHECKING, Any

from webproxy.net.pipe_pool import PipePool
from webproxy.net.readiness import Readiness
from webproxy.net.relay import UNTIL_END, Relay

if TYPE_CHECKING:
    from webproxy.net.relay import RelayOwner
    from webproxy.net.stream import StreamTransport


class Relays:
    """Joins transports; see :mod:`webproxy.net.relay` for how.

    :param reactor: one that watches descriptors. Without epoll, or without descriptors for it, nothing is joined.
    :param pipes: where relays get pipes from.
    """

    def __init__(self, reactor: Any, pipes: PipePool | None = None) -> None:
        self._reactor = reactor
        self._pipes = pipes or PipePool()
        self._sets: tuple[Readiness, Readiness] | None = None
        self._closed = not hasattr(select, "epoll")

    def __repr__(self) -> str:
        return f"<Relays {'closed' if self._closed else 'open'} {self._pipes}>"

    def join(
        self,
        source: StreamTransport,
        sink: StreamTransport,
        owner: RelayOwner,
        length: float = UNTIL_END,
        *,
        watching: bool = False,
    ) -> Relay | None:
        """Pass on what comes from ``source`` to ``sink``, after what has been written to ``sink`` before.

        :param length: bytes to pass on; more than none.
        :param watching: whether a source that leaves while the sink does not keep up has failed, at once and whatever
            it has sent before. Otherwise its last bytes are passed on first.
        :returns: ``None`` when these two cannot be joined, or not now: no descriptors, no epoll.
        """
        if source.fileno() < 0 or sink.fileno() < 0:
            return None
        try:
            arriving, leaving = self._ready()
            relay = Relay((arriving, leaving, self._pipes), source, sink, owner, length, watching=watching)
            relay.start()
        except OSError:
            return None
        return relay

    def _ready(self) -> tuple[Readiness, Readiness]:
        """The sets of sources and of sinks, made for the first that need them.

        :raises OSError: there is no epoll, or no descriptor left for it.
        """
        if self._closed:
            raise OSError("no epoll here")
        if self._sets is None:
            arriving = Readiness(self._reactor)
            try:
                self._sets = (arriving, Readiness(self._reactor))
            except OSError:
                arriving.close()
                raise
        return self._sets

    def close(self) -> None:
        """Join no more, and give everything back. Relays that still run are to be stopped first."""
        self._closed = True
        sets, self._sets = self._sets, None
        for ready in sets or ():
            ready.close()
        self._pipes.close()
