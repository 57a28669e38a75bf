"""Accepting connections on uvloop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from webproxy.net.sockopt import probe_apart
from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Coroutine

    from twisted.internet.interfaces import IProtocolFactory

BACKLOG = 1024
"""How many connections the kernel completes ahead of us; net.core.somaxconn caps it."""


class AcceptedTransport(NativeTransport):
    """A connection that came in: its protocol is built once the peer's address is known."""

    __slots__ = ("_factory",)

    def __init__(self, loop: asyncio.AbstractEventLoop, factory: IProtocolFactory) -> None:
        super().__init__(loop)
        self._factory = factory

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Build the protocol and connect it; a factory that builds none refuses the connection."""
        super().connection_made(transport)
        probe_apart(transport.get_extra_info("socket"), transport.get_extra_info("peername"))
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

    An accept(2) that fails, for want of descriptors or of memory, sheds that one connection: libuv goes on listening.

    :param sock: bound and listening; it belongs to the port from here on.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, factory: IProtocolFactory, sock: socket.socket) -> None:
        self._factory = factory
        factory.doStart()
        accepted = partial(AcceptedTransport, loop, factory)
        self._server = run_at_once(loop.create_server(accepted, sock=sock, backlog=BACKLOG))

    def __repr__(self) -> str:
        return f"<NativePort {'serving' if self._server.is_serving() else 'stopped'} for {self._factory!r}>"

    def stop(self) -> None:
        """Close the socket; connections live on."""
        self._server.close()
        self._factory.doStop()


def run_at_once(coroutine: Coroutine[Any, Any, asyncio.Server]) -> asyncio.Server:
    """Run a coroutine that has nothing to wait for, so that the loop need not run yet.

    :raises RuntimeError: when it waits all the same.
    """
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast("asyncio.Server", done.value)
    raise RuntimeError(f"{coroutine} waits")
