"""An internal service that speaks TLS, a real one: OpenSSL says nothing to a plain request, and closes.

That is what uvicorn, Jupyter, Gradio and Streamlit do when they are given a certificate. Services that complain are
tests/upstream/test_tls.py's.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.integration.live import live
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.live import Live

GET = b"GET / HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n"
NAMED = b"the internal service speaks TLS, and webproxy wants its plain HTTP port"


@pytest.fixture
def tls(tmp_path: Path) -> ssl.SSLContext:
    """A server's context with a certificate of its own making."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.timezone.utc)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "both.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


@pytest.fixture
def service(tls: ssl.SSLContext) -> Iterator[Tcp]:
    """A service that shakes hands in TLS or closes."""

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listening.accept()
                with contextlib.suppress(OSError), tls.wrap_socket(connection, server_side=True):
                    pass

    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = Thread(target=serve)
        serving.start()
        yield Tcp(*listening.getsockname())
        listening.shutdown(socket.SHUT_RDWR)
        serving.join()


async def answered(proxy: Live) -> bytes:
    client = await proxy.client()
    client.says(GET)
    return await client.hears(b"</html>")


async def known(proxy: Live) -> None:
    """Wait until the question in TLS is answered."""
    for _ in range(100):
        if proxy.service.pool.doubt.confirmed:
            return
        await proxy.passes(0.02)


@pytest_twisted.ensureDeferred
async def test_it_is_named(reactor: Any, service: Tcp) -> None:
    async with live(reactor, internal=(service,)) as proxy:
        first = await answered(proxy)
        assert first.startswith(b"HTTP/1.1 502 ")
        assert b"closed the connection without an answer" in first
        await known(proxy)
        second = await answered(proxy)
        assert second.startswith(b"HTTP/1.1 502 ")
        assert NAMED in second


@pytest_twisted.ensureDeferred
async def test_it_is_named_from_the_first_request_on_when_it_was_up_at_the_start(reactor: Any, service: Tcp) -> None:
    async with live(reactor, internal=(service,), upstream_host="auto") as proxy:
        await known(proxy)
        assert NAMED in await answered(proxy)
