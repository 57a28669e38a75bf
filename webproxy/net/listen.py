"""Listening, on either kind of reactor.

Binding comes first and apart: it needs privileges, it fails where the operator can still see why, and nothing of it
needs a reactor.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, maybeDeferred, succeed

from webproxy.net.accept import BACKLOG, NativePort
from webproxy.net.native_socket import address_of
from webproxy.net.reactor import native_loop
from webproxy.net.sockopt import keep_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from twisted.internet.interfaces import IAddress, IProtocolFactory


def bind_tcp(port: int, addresses: Sequence[str] | None) -> list[socket.socket]:
    """Bind ``port`` of each address, and let the kernel queue what comes in.

    :param port: 0 lets the system choose one, the same for all addresses.
    :param addresses: IP addresses or names; ``None`` for all of this machine, IPv4 and IPv6 (a machine without IPv6
        gets one socket).
    :raises OSError: untouched, when an address or its port cannot be had; nothing stays bound then.
    """
    sockets: list[socket.socket] = []
    try:
        for family, address in places(addresses):
            chosen = sockets[0].getsockname()[1] if sockets else port
            sockets.append(_bound(family, (address[0], chosen, *address[2:])))
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def places(addresses: Sequence[str] | None) -> list[tuple[int, Any]]:
    """Return family and address of every socket to bind, each once.

    :raises OSError: when a name has no address.
    """
    if addresses is None:
        everywhere: list[tuple[int, Any]] = [(socket.AF_INET, ("0.0.0.0", 0))]  # noqa: S104 - all, as asked
        return [*everywhere, (socket.AF_INET6, ("::", 0))] if has_ipv6() else everywhere
    found = [
        (info[0], info[4])
        for name in addresses
        for info in socket.getaddrinfo(name, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    ]
    return list(dict.fromkeys(found))


def has_ipv6() -> bool:
    """Return whether this machine can listen on IPv6; with ``ipv6.disable=1`` on Linux's command line it cannot."""
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


def _bound(family: int, address: Any) -> socket.socket:
    """Return a listening socket, with everything set that connections inherit."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        keep_alive(sock)
        sock.setblocking(False)
        sock.bind(address)
        sock.listen(BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


class Listening:
    """A socket being served. States: open, stopped.

    :param host: the address it is bound to.
    :param close: stops accepting; may return a Deferred.
    :param sock: the socket once more, to be handed to another process; it is closed with the other.
    """

    def __init__(self, host: IAddress, close: Callable[[], Any], sock: socket.socket | None = None) -> None:
        self._host = host
        self._close = close
        self._stopped = False
        self.sock = sock

    def __repr__(self) -> str:
        return f"<Listening {'stopped' if self._stopped else 'open'} on {self._host}>"

    def getHost(self) -> IAddress:
        """The address being listened on."""
        return self._host

    def stop(self) -> Deferred[None]:
        """Stop accepting and close the socket; connections live on. Asking again does no harm.

        :returns: fires when it is closed.
        """
        if self._stopped:
            return succeed(None)
        self._stopped = True
        if self.sock is not None:
            self.sock.close()
        return maybeDeferred(self._close)


def listen(reactor: Any, factory: IProtocolFactory, sock: socket.socket) -> Listening:
    """Serve a bound socket, which belongs to the result from here on.

    :raises OSError: when somebody else listens there already.
    """
    keep_alive(sock)
    sock.setblocking(False)
    sock.listen(BACKLOG)  # here, because uvloop swallows the error
    spare = sock.dup()
    loop = native_loop(reactor)
    if loop is not None:
        return Listening(address_of(sock.getsockname()), NativePort(loop, factory, sock).stop, spare)
    with sock:  # Twisted serves a duplicate
        port = reactor.adoptStreamPort(sock.fileno(), sock.family, factory)
    return Listening(port.getHost(), port.stopListening, spare)
