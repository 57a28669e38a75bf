"""Which fields end at this hop: RFC 9110 §7.6.1.

Rule of this file: it only takes away; what goes on the wire instead is for ``rewrite``.
"""

from __future__ import annotations

from typing import Final

from webproxy.message.fields import Fields, Pair, tokens

HOP_BY_HOP: Final = frozenset(
    (
        b"connection",
        b"http2-settings",  # RFC 7540 §3.2.1; must never outlive its Upgrade
        b"keep-alive",
        b"proxy-authenticate",  # RFC 9110 §11.7: between a client and its own proxy
        b"proxy-authentication-info",
        b"proxy-authorization",
        b"proxy-connection",
        b"te",
        b"transfer-encoding",
        b"upgrade",
    ),
)

# What nearly every Connection field says; none of it names a field that is not in HOP_BY_HOP anyway.
ORDINARY: Final = frozenset((b"keep-alive", b"close", b"upgrade", b"keep-alive, upgrade", b"te", b"close, te"))

NONE: Final[frozenset[bytes]] = frozenset()

# Fields that must not vanish, whatever Connection says: without them the message would mean, or end, elsewhere.
ESSENTIAL: Final = frozenset((b"content-length", b"host"))


def nominated(fields: Fields) -> frozenset[bytes]:
    """Give the names, in lower case, that Connection lists beyond the ordinary ones (RFC 9110 §7.6.1)."""
    connection = fields.combined.get(b"connection")
    if connection is None or connection in ORDINARY or connection.lower() in ORDINARY:
        return NONE
    return frozenset(tokens(connection)) - HOP_BY_HOP


def end_to_end(fields: Fields) -> list[Pair]:
    """Give the fields meant for the other side: all but the hop-by-hop ones and those that Connection names."""
    dropped = HOP_BY_HOP | nominated(fields)
    return [pair for pair in fields.pairs if pair[0].lower() not in dropped]
