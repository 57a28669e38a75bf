"""A router's front on a free loopback port, a throw-away certificate, and clients that trust it."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from twisted.internet.task import deferLater

from tests.integration.live import Internal
from webproxy.net.departure import DepartureWatch
from webproxy.net.listen import bind_tcp, listen
from webproxy.net.readiness import Readiness
from webproxy.net.sweep import IdleSweep
from webproxy.net.tls import server_context
from webproxy.router.door import Door
from webproxy.router.front import Front, Ways
from webproxy.router.rows import Name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from webproxy.router.front import Bounds

DOMAIN = "secure.example.com"
NAME = f"app-fox-chi.{DOMAIN}"


def certificate(folder: Path, *names: str, days: int = 1) -> tuple[Path, Path]:
    """Make a self-signed certificate, good for some days, and its key; give both files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    now = dt.datetime.now(dt.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "cert.pem", folder / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    files[1].write_bytes(private)
    return files


class Edge:
    """A front that runs.

    :ivar names: what it finds.
    """

    def __init__(self, reactor: Any, folder: Path, bounds: Bounds | None = None) -> None:
        self.now = 1000.0
        self.names: dict[str, Name] = {}
        self.certificate, key = certificate(folder, f"*.{DOMAIN}")
        self.context: Any = server_context(self.certificate, key)
        self.readiness = Readiness(reactor)
        self.departures = DepartureWatch(reactor)
        ways = Ways(self.names.get, lambda _label: self.context, lambda: self.now)
        self.front = Front(
            reactor,
            DOMAIN,
            ways,
            readiness=self.readiness,
            sweep=IdleSweep(reactor),
            departures=self.departures,
            bounds=bounds,
        )
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        self.door = Door(reactor, listener, self.front)

    def has(self, label: str, port: int, until: float = 2000.0, blocked: str = "") -> None:
        """A machine has this name."""
        self.names[label] = Name(label, "anna", b"key", "127.0.0.1", port, 0.0, until, blocked)

    def client_context(self, alpn: tuple[str, ...] = ("http/1.1",)) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.certificate))
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context

    def dial(self, server_name: str, context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
        """Connect and shake hands; blocks."""
        sock = socket.create_connection(("127.0.0.1", self.port), 20)
        try:
            return (context or self.client_context()).wrap_socket(
                sock, server_hostname=server_name, suppress_ragged_eofs=False
            )
        except BaseException:
            sock.close()
            raise

    def raw(self) -> socket.socket:
        """Connect, and say nothing."""
        return socket.create_connection(("127.0.0.1", self.port), 20)

    def close(self) -> None:
        self.door.close()
        self.readiness.close()
        self.departures.close()


@contextlib.asynccontextmanager
async def edge(reactor: Any, folder: Path, bounds: Bounds | None = None) -> AsyncIterator[Edge]:
    """A front that runs meanwhile."""
    one = Edge(reactor, folder, bounds)
    try:
        yield one
    finally:
        one.close()


@contextlib.asynccontextmanager
async def machine(reactor: Any) -> AsyncIterator[tuple[Internal, int]]:
    """A machine: its connections are in the test's hands."""
    internal = Internal(reactor)
    (sock,) = bind_tcp(0, ["127.0.0.1"])
    port = sock.getsockname()[1]
    listening = listen(reactor, internal, sock)
    yield internal, port
    await listening.stop()
    for peer in internal.peers:
        peer.link.abortConnection()
    await deferLater(reactor, 0.01, lambda: None)


def received(sock: ssl.SSLSocket | socket.socket) -> bytes:
    """All that comes until the end."""
    data = b""
    with contextlib.suppress(OSError):
        while piece := sock.recv(65536):
            data += piece
    return data


async def until(reactor: Any, condition: Any) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        await deferLater(reactor, 0.005, lambda: None)
