"""Listening: sockets bound before privileges are dropped or the process forks, served on either kind of reactor."""

from __future__ import annotations

import socket
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred, maybeDeferred, succeed

from webproxy.net.native_socket import address_of
from webproxy.net.reactor import native_loop
from webproxy.net.sockopt import keep_alive
from webproxy.net.transport import NativeTransport

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Coroutine, Sequence

    from twisted.internet.interfaces import IAddress, IProtocolFactory

#: How many connections the kernel completes ahead of us; net.core.somaxconn caps it.
BACKLOG = 1024


def bind_tcp(port: int, addresses: Sequence[str] | None) -> list[socket.socket]:
    """Bind ``port`` of each address.

    :param port: 0 lets the system choose one, the same for all addresses.
    :param addresses: IP addresses or names; ``None`` for all of this machine, IPv4 and IPv6 (a machine without IPv6
        gets one socket).
    :raises OSError: untouched, when an address or its port cannot be had; nothing stays bound then.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in _places(port, addresses):
            chosen = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, (address[0], chosen, *address[2:])))
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _places(port: int, addresses: Sequence[str] | None) -> list[tuple[int, Any]]:
    """Return family and address of every socket to bind."""
    if addresses is None:
        places: list[tuple[int, Any]] = [(socket.AF_INET, ("0.0.0.0", port))]  # noqa: S104 - all, as asked
        return [*places, (socket.AF_INET6, ("::", port))] if has_ipv6() else places
    found = [
        (family, address)
        for name in addresses
        for family, _, _, _, address in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    ]
    return list(dict.fromkeys(found))


def has_ipv6() -> bool:
    """Return whether this machine can listen on IPv6 (it cannot when started with ``ipv6.disable=1``)."""
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bound(family: int, address: Any) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(address)
        keep_alive(sock)
        sock.setblocking(False)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


class Listening:
    """A socket being served.

    :param host: the address it is bound to.
    :param close: stops accepting; may return a Deferred.
    """

    def __init__(self, host: IAddress, close: Callable[[], Any]) -> None:
        self._host = host
        self._close = close
        self._stopped = False

    def __repr__(self) -> str:
        return f"<Listening {'stopped' if self._stopped else 'open'} on {self._host}>"

    def getHost(self) -> IAddress:
        """The address being listened on."""
        return self._host

    def stop(self) -> Deferred[None]:
        """Stop accepting and close the socket; connections live on. Fires when done; asking again does no harm."""
        if self._stopped:
            return succeed(None)
        self._stopped = True
        return maybeDeferred(self._close)


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
            self._uv.abort()
            return
        self.introduce(protocol)


def listen(reactor: Any, factory: IProtocolFactory, sock: socket.socket) -> Listening:
    """Serve a bound socket; it belongs to the :class:`Listening` from here on.

    :raises OSError: when somebody else listens there already.
    """
    keep_alive(sock)
    sock.setblocking(False)
    sock.listen(BACKLOG)  # uvloop would swallow the error
    loop = native_loop(reactor)
    return _listen_twisted(reactor, factory, sock) if loop is None else _listen_native(loop, factory, sock)


def _listen_native(loop: asyncio.AbstractEventLoop, factory: IProtocolFactory, sock: socket.socket) -> Listening:
    factory.doStart()
    accepted = partial(AcceptedTransport, loop, factory)
    server = _run_at_once(loop.create_server(accepted, sock=sock, backlog=BACKLOG))

    def close() -> None:
        server.close()
        factory.doStop()

    return Listening(address_of(sock.getsockname()), close)


def _run_at_once(coroutine: Coroutine[Any, Any, asyncio.Server]) -> asyncio.Server:
    """Run a coroutine that has nothing to wait for: the loop need not run yet."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return cast("asyncio.Server", done.value)
    raise RuntimeError(f"{coroutine} waits")


def _listen_twisted(reactor: Any, factory: IProtocolFactory, sock: socket.socket) -> Listening:
    with sock:  # Twisted serves a duplicate
        port = reactor.adoptStreamPort(sock.fileno(), sock.family, factory)
    return Listening(port.getHost(), port.stopListening)
