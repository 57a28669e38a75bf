"""Writing a PROXY protocol header, version 2: for whom a connection is passed on.

Source: "The PROXY protocol, versions 1 & 2", W. Tarreau, HAProxy Technologies, 2020; section numbers are its own.
Rule of this file: pure; what ``proxy_header`` reads is what was written here.
"""

from __future__ import annotations

import socket
import struct

from webproxy.net.proxy_header import SIGNATURE

_PROXY, _TCP4, _TCP6 = 0x21, 0x11, 0x21
_ALPN, _AUTHORITY, _SSL, _SSL_VERSION, _SSL_CIPHER = 0x01, 0x02, 0x20, 0x21, 0x23
_CLIENT_SSL = 0x01


def written(
    source: tuple[str, int],
    destination: tuple[str, int],
    *,
    authority: bytes = b"",
    alpn: bytes = b"",
    version: str = "",
    cipher: str = "",
) -> bytes:
    """Write the header of a connection that came over TLS.

    :param source: the client's address and port.
    :param destination: those it connected to.
    :param authority: the name it asked for (SNI).
    :param alpn: the protocol that was negotiated.
    :param version: of TLS, such as ``TLSv1.3``.
    :param cipher: such as ``TLS_AES_128_GCM_SHA256``.
    :raises ValueError: an address is none.
    """
    six = ":" in source[0] or ":" in destination[0]
    packed = _packed(source[0], six=six) + _packed(destination[0], six=six)
    body = packed + struct.pack("!HH", source[1], destination[1])  # §2.2
    body += _field(_ALPN, alpn) if alpn else b""  # §2.2.1
    body += _field(_AUTHORITY, authority) if authority else b""  # §2.2.2
    # §2.2.6: the client came over TLS, and showed no certificate
    told = _field(_SSL_VERSION, version.encode()) + (_field(_SSL_CIPHER, cipher.encode()) if cipher else b"")
    body += _field(_SSL, struct.pack("!BI", _CLIENT_SSL, 1) + told)
    return SIGNATURE + struct.pack("!BBH", _PROXY, _TCP6 if six else _TCP4, len(body)) + body


def _packed(address: str, *, six: bool) -> bytes:
    """Pack an address; beside one of IPv6 an IPv4 address is mapped (RFC 4291 §2.5.5.2)."""
    try:
        if ":" in address:
            return socket.inet_pton(socket.AF_INET6, address)
        four = socket.inet_pton(socket.AF_INET, address)  # ``ipaddress`` took 4 us for each
    except OSError:
        raise ValueError(f"{address!r} is no IP address") from None
    return b"\0" * 10 + b"\xff\xff" + four if six else four


def _field(kind: int, value: bytes) -> bytes:
    """Write a field: type, length, value (§2.2)."""
    return struct.pack("!BH", kind, len(value)) + value
