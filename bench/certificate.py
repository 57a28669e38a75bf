"""The certificate that everybody shows who speaks TLS here, and clients that take it as it is.

ECDSA on P-256, as public authorities issue for years now. A client names one of several names, as visitors do; nothing
is verified, which would be the client's work and not the proxy's.
"""

from __future__ import annotations

import datetime as dt
import socket
import ssl
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path

DOMAIN = "bench.example"


def label(number: int) -> str:
    """The name with this number."""
    return f"bench{number}-fox-chi"


LABELS = tuple(map(label, range(10)))
CIPHER = "TLS_AES_256_GCM_SHA384"
"""What OpenSSL's own order comes to on both sides; a connection with another would be another measurement."""


def write(directory: Path) -> None:
    """Write ``cert.pem``, ``key.pem`` and both in one, ``both.pem``."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"*.{DOMAIN}")])
    now = dt.datetime.now(dt.timezone.utc)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(f"*.{DOMAIN}")]), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for file, text in (("cert.pem", made), ("key.pem", private), ("both.pem", made + private)):
        (directory / file).write_bytes(text)


def client() -> ssl.SSLContext:
    """A context for clients."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def dial(port: int, context: ssl.SSLContext, number: int = 0, names: int = len(LABELS)) -> ssl.SSLSocket:
    """Connect and shake hands, for one of so many names and from an address of loopback that depend on ``number``."""
    source = (f"127.0.{number % 50}.{number % 199 + 1}", 0)
    sock = socket.create_connection(("127.0.0.1", port), 20, source)
    try:
        return context.wrap_socket(sock, server_hostname=f"{label(number % names)}.{DOMAIN}")
    except BaseException:
        sock.close()
        raise
