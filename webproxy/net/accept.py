"""Accepting connections on uvloop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from twisted.logger import Logger

from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Coroutine

    from twisted.internet.interfaces import IProtocolFactory

BACKLOG = 1024
"""How many connections the kernel completes ahead of us; net.core.somaxconn caps it."""

REVIVAL = 1.0
"""Seconds between two looks at whether uvloop still listens."""

log = Logger()


class AcceptedTransport(NativeTransport):
    """A connection that came in: its protocol is built once the peer's address is known."""

    __slots__ = ("_factory",)

    def __init__(self, loop: asyncio.AbstractEventLoop, factory: IProtocolFactory) -> None:
        super().__init__(loop)
        self._factory = factory

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Build the protocol and connect it; a factory that builds none refuses the connection."""
        super().connection_made(transport)
        try:
            protocol = self._factory.buildProtocol(self.getPeer())
        except Exception:
            self._fail("buildProtocol")
            return
        if protocol is None:
            self.loseConnection()
        else:
            self.introduce(protocol)


class NativePort:
    """A listening socket, served by uvloop. States: serving, stopped.

    uvloop closes a server for good, and says nothing, when accept(2) fails for another reason than a lack of
    descriptors: no memory, or an error of the network that Linux hands on (its manual lists them). So the socket stays
    ours, uvloop gets duplicates of it, and a server that died is replaced.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, factory: IProtocolFactory, sock: socket.socket) -> None:
        self._loop = loop
        self._factory = factory
        self._sock = sock
        factory.doStart()
        self._serve()

    def __repr__(self) -> str:
        return f"<NativePort {'stopped' if self._sock.fileno() < 0 else 'serving'} for {self._factory!r}>"

    def stop(self) -> None:
        """Close the socket; connections live on."""
        self._look.cancel()
        self._server.close()
        self._sock.close()
        self._factory.doStop()

    def _serve(self) -> None:
        accepted = partial(AcceptedTransport, self._loop, self._factory)
        creation = self._loop.create_server(accepted, sock=self._sock.dup(), backlog=BACKLOG)
        self._server = run_at_once(creation)
        self._look = self._loop.call_later(REVIVAL, self._revive)

    def _revive(self) -> None:
        """Serve anew if uvloop no longer does."""
        if all(sock is not None and sock.fileno() >= 0 for sock in self._server.sockets):
            self._look = self._loop.call_later(REVIVAL, self._revive)
            return
        log.error("{port}: uvloop has stopped accepting after an error; starting again", port=self)
        self._server.close()
        self._sock.listen(BACKLOG)
        self._serve()


def run_at_once(coroutine: Coroutine[Any, Any, asyncio.Server]) -> asyncio.Server:
    """Run a coroutine that has nothing to wait for, so that the loop need not run yet.

    :raises RuntimeError: when it waits all the same.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast("asyncio.Server", done.value)
    raise RuntimeError(f"{coroutine} waits")
