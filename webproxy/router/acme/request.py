"""Keys, requests for certificates, and whether what came back is what was asked for.

Rule of this file: cryptography only; nothing is sent, nothing is kept. A key is made for each order, ECDSA P-256.
"""

from __future__ import annotations

from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from webproxy.router.certificates import names_of

LARGEST = 65536
"""Characters of a chain."""


class UnfitError(Exception):
    """A chain or key cannot be used; its text says why."""


class Leaf(NamedTuple):
    """What is to be known of a certificate.

    :ivar names: what it is for.
    :ivar span: from when until when it is good, seconds since the epoch.
    """

    certificate: x509.Certificate
    names: tuple[str, ...]
    span: tuple[float, float]


def new_key() -> str:
    """Make a key; PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    how = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(*how).decode()


def signing_request(key: str, names: tuple[str, ...]) -> x509.CertificateSigningRequest:
    """Ask for a certificate (RFC 8555 §7.4: the names stand in it exactly as in the order).

    :param key: PEM.
    """
    alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return made.add_extension(alternatives, critical=False).sign(private_key(key), hashes.SHA256())


def leaf_of(chain: str, key: str, names: tuple[str, ...]) -> Leaf:
    """Check a chain against what was asked for.

    :param chain: PEM, the certificate first.
    :param key: PEM.
    :raises UnfitError: it is none, belongs to another key, or is not for all the names.
    """
    if len(chain) > LARGEST:
        raise UnfitError(f"the chain is longer than {LARGEST} characters")
    try:
        certificate = x509.load_pem_x509_certificates(chain.encode())[0]
        span = certificate.not_valid_before_utc.timestamp(), certificate.not_valid_after_utc.timestamp()
        found = names_of(certificate)
        ours = certificate.public_key() == private_key(key).public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnfitError("it is no certificate, or its key is none") from error
    if not ours:
        raise UnfitError("the certificate belongs to another key")
    missing = [name for name in names if name not in found]
    if missing:
        raise UnfitError(f"the certificate is not for {missing[0]}")
    return Leaf(certificate, found, span)


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    """Read a key.

    :param text: PEM.
    :raises UnfitError: it is not one of ours.
    """
    try:
        found = serialization.load_pem_private_key(text.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise UnfitError("the key is none") from error
    if not isinstance(found, ec.EllipticCurvePrivateKey):
        raise UnfitError("the key is none of ours")
    return found
