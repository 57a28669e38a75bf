"""What a TLS handshake came to."""

from __future__ import annotations

from typing import NamedTuple


class Negotiated(NamedTuple):
    """What a handshake came to.

    :ivar version: such as ``TLSv1.3``.
    :ivar cipher: such as ``TLS_AES_128_GCM_SHA256``.
    :ivar alpn: the protocol; empty when the client offered none.
    """

    version: str
    cipher: str
    alpn: bytes
