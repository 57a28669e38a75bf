"""What a TLS client says first: the name it wants, the protocols it speaks.

Rule of this file: pure; bytes in, a value out, and no more is read than a router needs to choose a context. It is read
before any TLS object exists, so that a flood of nonsense costs no cryptography. RFC 8446 §4.1.2 (the message), §5.1
(records), RFC 6066 §3 (server name), RFC 7301 §3.1 (ALPN).
"""

from __future__ import annotations

import re
from typing import NamedTuple

LARGEST = 16384
"""Most bytes of a ClientHello, records included; a browser's with post-quantum keys has about 1,800."""

HANDSHAKE, CLIENT_HELLO = 22, 1
_SERVER_NAME, _ALPN, _HOST_NAME = 0, 16, 0
_NAME = re.compile(rb"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*")


class NoClientHello(ValueError):  # noqa: N818 - as in errors.py: it says what it is
    """What the connection begins with is not a sound ClientHello."""


class ClientHello(NamedTuple):
    """What of it counts.

    :ivar server_name: in lower case; empty when none was named.
    :ivar alpn: the protocols offered, the client's favourite first.
    """

    server_name: bytes
    alpn: tuple[bytes, ...]


def read(data: bytes) -> ClientHello | None:
    """Read the ClientHello that a connection begins with.

    :param data: all that came in so far.
    :returns: ``None`` while it is incomplete.
    :raises NoClientHello: it is not one, or larger than ``LARGEST``.
    """
    message = _message(data)
    if message is None:
        if len(data) >= LARGEST:
            raise NoClientHello("the ClientHello is too large")
        return None
    try:
        return _hello(_Reader(message))
    except IndexError:
        raise NoClientHello("the ClientHello ends in the middle of a field") from None


def _message(data: bytes) -> bytes | None:
    """Join the handshake message out of its records (RFC 8446 §5.1); ``None`` while some of it is missing."""
    message, at = b"", 0
    while True:
        header = data[at : at + 5]
        if header[:1] not in (b"", bytes((HANDSHAKE,))) or header[1:2] not in (b"", b"\3"):
            raise NoClientHello("not TLS")
        if len(header) < 5:
            return None
        size = int.from_bytes(header[3:5], "big")
        if not 0 < size <= LARGEST:
            raise NoClientHello("a record of no or too many bytes")
        message += data[at + 5 : at + 5 + size]
        at += 5 + size
        if message[:1] not in (b"", bytes((CLIENT_HELLO,))):
            raise NoClientHello("a handshake that does not begin with a ClientHello")
        if len(message) >= 4:
            whole = 4 + int.from_bytes(message[1:4], "big")
            if whole > LARGEST:
                raise NoClientHello("the ClientHello is too large")
            if len(message) >= whole:
                return message[4:whole]
        if at > len(data):
            return None


class _Reader:
    """Takes fields off the front of a message; ``IndexError`` where it ends too early."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, size: int) -> bytes:
        """Take this many bytes."""
        piece = self._data[self._at : self._at + size]
        if len(piece) < size:
            raise IndexError
        self._at += size
        return piece

    def number(self, size: int) -> int:
        """Take a number of this many bytes."""
        return int.from_bytes(self.take(size), "big")

    def vector(self, size: int) -> bytes:
        """Take a vector whose length stands in front, in this many bytes (RFC 8446 §3.4)."""
        return self.take(self.number(size))


def _hello(reader: _Reader) -> ClientHello:
    reader.take(2 + 32)  # legacy_version, random
    reader.vector(1)  # legacy_session_id
    reader.vector(2)  # cipher_suites
    reader.vector(1)  # legacy_compression_methods
    extensions: dict[int, bytes] = {}
    rest = _Reader(reader.vector(2)) if reader else _Reader(b"")
    while rest:
        kind = rest.number(2)
        if kind in extensions:  # RFC 8446 §4.2
            raise NoClientHello("an extension is there twice")
        extensions[kind] = rest.vector(2)
    return ClientHello(_server_name(extensions.get(_SERVER_NAME)), _protocols(extensions.get(_ALPN)))


def _server_name(extension: bytes | None) -> bytes:
    """Read the name (RFC 6066 §3): one host name, in ASCII, without a dot at its end."""
    if extension is None:
        return b""
    names = _Reader(_Reader(extension).vector(2))
    found = b""
    while names:
        kind, name = names.number(1), names.vector(2).lower()
        if kind != _HOST_NAME:
            continue
        if found:
            raise NoClientHello("two names at once")
        if len(name) > 253 or not _NAME.fullmatch(name):
            raise NoClientHello("the name is none")
        found = name
    return found


def _protocols(extension: bytes | None) -> tuple[bytes, ...]:
    """Read the protocols (RFC 7301 §3.1)."""
    if extension is None:
        return ()
    names = _Reader(_Reader(extension).vector(2))
    found = []
    while names:
        found.append(names.vector(1))
    return tuple(found)
