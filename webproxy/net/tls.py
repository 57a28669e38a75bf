"""TLS towards clients: one seam for whatever transport does it.

Rule of this file: a socket that was accepted and a context that was chosen go in, a protocol on a decrypted transport
comes out. On uvloop that is aiofastnet's transport, which took 1,056 ms of CPU for a GiB where uvloop's own took 2,050;
where it is missing uvloop's own; on every other reactor Twisted's. The context is chosen before (``client_hello``):
aiofastnet 1.2.0 must not see an SNI callback.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.internet.defer import Deferred

from webproxy.net import tls_twisted
from webproxy.net.attempt import built_already
from webproxy.net.reactor import native_loop
from webproxy.net.tls_groups import restrict
from webproxy.net.tls_negotiated import Negotiated
from webproxy.net.transport import NativeTransport

try:
    import aiofastnet
except ImportError:  # pragma: no cover - no wheel for this platform
    aiofastnet = None  # type: ignore[assignment]

#: It warns of each write after the fifth to a client that has just left: that is no news, and fills the log.
logging.getLogger("aiofastnet").setLevel(logging.ERROR)

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from OpenSSL import SSL
    from twisted.internet.interfaces import IProtocol

#: Mozilla's "intermediate" (wiki.mozilla.org/Security/Server_Side_TLS, version 5.7), for TLS 1.2; 1.3 has its own.
CIPHERS = (
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
)
FLUSHING = 1800.0
"""Seconds that a slow client has for what was written before its connection is closed."""

ALPN = "http/1.1"
"""All that machines speak; a client that offers h2 as well gets this (RFC 7301 §3.2)."""


class Context(NamedTuple):
    """A certificate and its key, ready for handshakes.

    :ivar native: for uvloop.
    :ivar portable: for Twisted's TLS, made when it is first wanted.
    """

    native: ssl.SSLContext
    portable: Callable[[], SSL.Context]


def server_context(certificate: Path, key: Path) -> Context:
    """Make a context of a certificate chain and its key, both in PEM.

    :raises OSError: a file cannot be read.
    :raises ssl.SSLError: they are no certificate and key, or do not belong together.
    """
    native = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    native.minimum_version = ssl.TLSVersion.TLSv1_2
    native.set_ciphers(CIPHERS)
    native.set_alpn_protocols([ALPN])
    native.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    native.num_tickets = 1  # OpenSSL gives two (RFC 8446 §C.4 asks for as many as a client opens connections)
    restrict(native)
    native.load_cert_chain(certificate, key)
    return Context(native, lambda: tls_twisted.context(certificate, key, CIPHERS, ALPN))


def secure(
    reactor: Any, sock: socket.socket, context: Context, build: Callable[[], IProtocol], timeout: float
) -> Deferred[IProtocol]:
    """Shake hands on an accepted socket, which belongs to the result from here on.

    :param build: makes the protocol that is connected once the handshake is over.
    :param timeout: seconds for the handshake.
    :returns: fires with that protocol, connected, or fails when there was no handshake; the socket is closed then.
    """
    loop = native_loop(reactor)
    if loop is not None:
        return _secure_natively(loop, sock, context, build, timeout)
    return tls_twisted.secure(reactor, sock, context.portable(), build, timeout)


def negotiated(transport: Any) -> Negotiated:
    """Tell what the handshake of a connected transport came to."""
    if isinstance(transport, TlsTransport):
        return transport.negotiated()
    return tls_twisted.negotiated(transport)


def takes_views(transport: Any) -> bool:
    """Whether a transport's ``write`` takes a view of a buffer that is used again once it returns.

    aiofastnet encrypts at once and copies what is left; uvloop's own TLS and Twisted's keep what they get.
    """
    return aiofastnet is not None and isinstance(transport, TlsTransport)


class TlsTransport(NativeTransport):
    """A decrypted connection on uvloop. TLS has no half-close that both ends know of: to end writing is to close."""

    __slots__ = ("_build", "built")

    def __init__(self, loop: asyncio.AbstractEventLoop, build: Callable[[], IProtocol]) -> None:
        super().__init__(loop)
        self._build = build
        self.built: IProtocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Build the protocol and connect it: the handshake is over."""
        super().connection_made(transport)
        build, self._build = self._build, built_already
        try:
            self.built = build()
        except Exception:
            self._fail("building a protocol")
            return
        self.introduce(self.built)

    def connection_lost(self, exc: Exception | None) -> None:
        """As of any transport; nothing is left that goes round in a circle, and would wait for Python's collector."""
        super().connection_lost(exc)
        self.built = None

    def resumeProducing(self) -> None:
        """Read on, from what is decrypted already, too.

        aiofastnet 1.2.0 looks into the socket alone then: a request that came together with the end of the handshake,
        or the rest of an upload, would wait there for bytes that never come.
        """
        super().resumeProducing()
        look = getattr(self._uv, "_retry_ssl_read", None)
        if look is not None:
            self._loop.call_soon(look)

    def loseWriteConnection(self) -> None:
        """Close."""
        self.loseConnection()

    def negotiated(self) -> Negotiated:
        """Tell what the handshake came to."""
        shaken = self._uv.get_extra_info("ssl_object")
        return Negotiated(shaken.version() or "", shaken.cipher()[0], (shaken.selected_alpn_protocol() or "").encode())


def _secure_natively(
    loop: asyncio.AbstractEventLoop,
    sock: socket.socket,
    context: Context,
    build: Callable[[], IProtocol],
    timeout: float,
) -> Deferred[IProtocol]:
    transport = TlsTransport(loop, build)
    accepts: Any = partial(aiofastnet.connect_accepted_socket, loop) if aiofastnet else loop.connect_accepted_socket
    opening = accepts(
        lambda: transport, sock, ssl=context.native, ssl_handshake_timeout=timeout, ssl_shutdown_timeout=FLUSHING
    )
    task = asyncio.ensure_future(opening, loop=loop)
    done: Deferred[IProtocol] = Deferred()

    def ended(task: asyncio.Future[Any]) -> None:
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            sock.close()
            done.errback(error)
        elif transport.built is not None:
            built, transport.built = transport.built, None
            done.callback(built)

    task.add_done_callback(ended)
    return done
