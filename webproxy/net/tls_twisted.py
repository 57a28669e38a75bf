"""TLS towards clients on Twisted's own reactors: what works everywhere, at more cost.

Rule of this file: as ``tls``, which chooses it where there is no uvloop.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IHandshakeListener, IOpenSSLContextFactory
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

from webproxy.net.tls_groups import restrict_portable
from webproxy.net.tls_negotiated import Negotiated

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from twisted.internet.interfaces import IProtocol
    from twisted.python.failure import Failure


def context(certificate: Path, key: Path, ciphers: str, protocol: str) -> SSL.Context:
    """Make a context of a certificate chain and its key, both in PEM.

    :param ciphers: for TLS 1.2.
    :param protocol: what ALPN comes to, if the client offers it.
    """
    made = SSL.Context(SSL.TLS_SERVER_METHOD)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)
    made.set_cipher_list(ciphers.encode())
    made.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_CIPHER_SERVER_PREFERENCE | SSL.OP_NO_RENEGOTIATION)
    restrict_portable(made)
    ours = protocol.encode()
    made.set_alpn_select_callback(
        lambda _connection, offered: ours if ours in offered else SSL.NO_OVERLAPPING_PROTOCOLS
    )
    made.use_certificate_chain_file(str(certificate))
    made.use_privatekey_file(str(key))
    return made


def secure(
    reactor: Any, sock: socket.socket, chosen: SSL.Context, build: Callable[[], IProtocol], timeout: float
) -> Deferred[IProtocol]:
    """As :func:`webproxy.net.tls.secure`."""
    waiting = _Waiting(build)
    factory = TLSMemoryBIOFactory(_Contexts(chosen), False, Factory.forProtocol(lambda: waiting))
    factory.noisy = factory.wrappedFactory.noisy = False
    with sock:  # Twisted serves a duplicate
        try:
            sock.getpeername()  # Twisted asks as well, and would leave its duplicate open
            reactor.adoptStreamConnection(sock.fileno(), sock.family, factory)
        except OSError as error:  # ENOTCONN: it was reset meanwhile
            return fail(error)
    return waiting.done.addTimeout(timeout, reactor).addErrback(waiting.given_up)


def negotiated(transport: Any) -> Negotiated:
    """As :func:`webproxy.net.tls.negotiated`."""
    connection = transport._tlsConnection  # noqa: SLF001 - there is no public way to ask
    return Negotiated(
        connection.get_protocol_version_name(),
        connection.get_cipher_name() or "",
        connection.get_alpn_proto_negotiated(),
    )


@implementer(IOpenSSLContextFactory)
class _Contexts:
    """Twisted's way to a context."""

    isClient = 0  # noqa: N815 - Twisted's

    def __init__(self, chosen: SSL.Context) -> None:
        self._chosen = chosen

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's
        """Give it."""
        return self._chosen


@implementer(IHandshakeListener)
class _Waiting(Protocol):
    """Stands where the protocol will be, until the handshake is over."""

    def __init__(self, build: Callable[[], IProtocol]) -> None:
        self._build = build
        self._over = False
        self.done: Deferred[IProtocol] = Deferred()

    def handshakeCompleted(self) -> None:  # noqa: N802 - Twisted's
        """Make way for the protocol; as with other transports, whoever sets ``transport.protocol`` names another."""
        transport: Any = self.transport
        self._over = True
        transport.protocol = built = self._build()
        built.makeConnection(transport)
        self.done.callback(built)

    def dataReceived(self, data: bytes) -> None:
        """Pass on."""
        transport: Any = self.transport
        transport.protocol.dataReceived(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Pass on, or tell that there was no handshake."""
        transport: Any = self.transport
        if self._over:
            transport.protocol.connectionLost(reason)
        elif not self.done.called:
            self.done.errback(ConnectionDone("without a handshake"))

    def given_up(self, failure: Failure) -> Failure:
        """Close what did not come to a handshake."""
        if not self._over and self.transport is not None:
            self.transport.abortConnection()  # type: ignore[attr-defined]
        return failure
