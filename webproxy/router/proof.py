"""The proof that a machine has the key by which it is known: what is signed, and whether it was.

Rule of this file: pure, and for both ends: the machine signs what :func:`signed` gives, the router verifies it. Ed25519
is RFC 8032.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY, SIGNATURE = 32, 64
"""Bytes of a public key and of a signature (RFC 8032 §5.1.5, §5.1.6)."""


def signed(does: str, nonce: str, token: bytes, port: int, label: str = "") -> bytes:
    """Give what a machine signs.

    :param does: ``register``, ``renew`` or ``release``.
    :param nonce: the router's.
    :param token: the tenant's; only its hash goes in, and so a signature is of no use to any other router.
    :param port: the external port.
    :param label: what was asked for; only when registering.
    """
    lines = ("webproxy-router 1", does, nonce, hashlib.sha256(token).hexdigest(), str(port), label)
    return "".join(f"{line}\n" for line in lines).encode()


def proved(machine: bytes, signature: bytes, what: bytes) -> bool:
    """Tell whether the holder of a key has signed this.

    :param machine: the public key.
    """
    try:
        Ed25519PublicKey.from_public_bytes(machine).verify(signature, what)
    except (InvalidSignature, ValueError):
        return False
    return True


def encoded(data: bytes) -> str:
    """Write bytes in base64url without padding (RFC 4648 §5)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str, size: int) -> bytes:
    """Read what :func:`encoded` wrote.

    :param size: how many bytes it must be.
    :raises ValueError: it is not that.
    """
    try:
        data = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise ValueError("not base64url") from None
    if len(data) != size or encoded(data) != text:
        raise ValueError(f"not {size} bytes in base64url without padding")
    return data
