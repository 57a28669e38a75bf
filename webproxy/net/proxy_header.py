"""The PROXY protocol's header, versions 1 and 2: what a layer-4 peer says of the connection it passes on.

Source: "The PROXY protocol, versions 1 & 2", W. Tarreau, HAProxy Technologies, 2020; section numbers are its own.
Rule of this file: pure. A header that is not exactly as specified is an error; nothing is guessed, because whoever
gets to say this decides under which address everything after it is done.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
"""How version 2 begins (§2.2); cannot begin anything else that is spoken on the web."""

LINE_LIMIT = 107
"""Longest version 1 line, its CRLF included (§2.1)."""

HEADER_LIMIT = 4096
"""Longest version 2 header that we take; with every field of interest it has a few hundred bytes."""

_V2 = struct.Struct("!12sBBH")
_FAMILIES = {1: (4, IPv4Address), 2: (16, IPv6Address)}
_ALPN, _AUTHORITY, _CRC32C, _SSL = 0x01, 0x02, 0x03, 0x20
_CLIENT_SSL = 0x01


class ProxyHeaderError(ValueError):
    """The connection does not begin with a sound PROXY header."""


class ProxyHeader(NamedTuple):
    """What the header says.

    :ivar source: the client's address; ``None``: the peer speaks for itself (LOCAL, UNKNOWN).
    :ivar port: the port that the client connected to; 0 when unknown.
    :ivar tls: whether the client came over TLS.
    :ivar authority: the name it asked for (SNI); empty when unknown.
    :ivar alpn: the protocol it negotiated; empty when none.
    """

    source: str | None
    port: int = 0
    tls: bool = False
    authority: bytes = b""
    alpn: bytes = b""


UNKNOWN = ProxyHeader(None)


def read(data: bytes) -> tuple[ProxyHeader, int] | None:
    """Read the header that a connection begins with.

    :param data: all that came in so far, at least one byte.
    :returns: the header and its length in bytes; ``None`` while it is incomplete.
    :raises ProxyHeaderError: it is not one.
    """
    if data[: len(SIGNATURE)] == SIGNATURE[: len(data)]:
        return _version_2(data)
    if data[:6] == b"PROXY "[: len(data)]:
        return _version_1(data)
    raise ProxyHeaderError("a PROXY header is required here")


def _version_1(data: bytes) -> tuple[ProxyHeader, int] | None:
    """§2.1: one line of text."""
    end = data.find(b"\r\n", 0, LINE_LIMIT)
    if end < 0:
        if len(data) >= LINE_LIMIT:
            raise ProxyHeaderError("a PROXY line without an end")
        return None
    words = data[:end].split(b" ")
    if words[1] == b"UNKNOWN":
        return UNKNOWN, end + 2
    kind = {b"TCP4": IPv4Address, b"TCP6": IPv6Address}.get(words[1])
    if kind is None or len(words) != 6:
        raise ProxyHeaderError("a malformed PROXY line")
    try:
        source, _ = (kind(word.decode("ascii")) for word in words[2:4])
        _, port = (_port(word) for word in words[4:])
    except ValueError:
        raise ProxyHeaderError("a malformed address in a PROXY line") from None
    return ProxyHeader(str(source), port), end + 2


def _port(word: bytes) -> int:
    if not word.isdigit() or (word[:1] == b"0" and word != b"0") or len(word) > 5 or int(word) > 65535:
        raise ValueError(word)
    return int(word)


def _version_2(data: bytes) -> tuple[ProxyHeader, int] | None:
    """§2.2: a binary header."""
    if len(data) < _V2.size:
        return None
    _, version_command, family_protocol, length = _V2.unpack_from(data)
    size = _V2.size + length
    if version_command not in {0x20, 0x21}:
        raise ProxyHeaderError("a PROXY header of an unknown version or command")
    if size > HEADER_LIMIT:
        raise ProxyHeaderError(f"a PROXY header of more than {HEADER_LIMIT} bytes")
    if len(data) < size:
        return None
    if version_command == 0x20:  # LOCAL: the peer's own connection; what follows must be skipped (§2.2)
        return UNKNOWN, size
    family, protocol = family_protocol >> 4, family_protocol & 15
    if family not in _FAMILIES or protocol != 1:
        raise ProxyHeaderError("a PROXY header for something that is not TCP")
    width, kind = _FAMILIES[family]
    addresses = 2 * width + 4
    if length < addresses:
        raise ProxyHeaderError("a PROXY header too short for its addresses")
    at = _V2.size
    source = str(kind(data[at : at + width]))
    port = int.from_bytes(data[at + addresses - 2 : at + addresses], "big")
    said = _vectors(data[at + addresses : size])
    _check(data[:size], said.get(_CRC32C))
    tls = said.get(_SSL, b"\0")[:1]
    if not tls:
        raise ProxyHeaderError("a PROXY header with an empty TLS vector")
    return ProxyHeader(source, port, bool(tls[0] & _CLIENT_SSL), said.get(_AUTHORITY, b""), said.get(_ALPN, b"")), size


def _vectors(data: bytes) -> dict[int, bytes]:
    """§2.2.1: type, length, value, as often as there is room."""
    said: dict[int, bytes] = {}
    at = 0
    while at < len(data):
        value = at + 3
        end = value + int.from_bytes(data[at + 1 : value], "big")
        if value > len(data) or end > len(data):
            raise ProxyHeaderError("a PROXY header with a vector beyond its end")
        said[data[at]] = data[value:end]
        at = end
    return said


def _check(header: bytes, checksum: bytes | None) -> None:
    """§2.2.3: a checksum, if there is one, covers the whole header with its own bytes as zero."""
    if checksum is None:
        return
    at = header.rfind(bytes((_CRC32C, 0, 4)) + checksum)
    if len(checksum) != 4 or crc32c(header[: at + 3] + bytes(4) + header[at + 7 :]) != int.from_bytes(checksum, "big"):
        raise ProxyHeaderError("a PROXY header with a wrong checksum")


def crc32c(data: bytes) -> int:
    """Compute the CRC-32C of RFC 9260 appendix A; bit by bit, for headers are short and few."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82F63B78 * (crc & 1)
    return crc ^ 0xFFFFFFFF
