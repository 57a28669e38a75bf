"""Everything that may come to a TLS port: ClientHellos, sound and broken, what follows them, and what is no TLS at all.

Rule of this file: bytes alone; the same seed makes the same ones.
"""

from __future__ import annotations

import contextlib
import ssl
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

OTHERS = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PROXY TCP4 192.0.2.1 192.0.2.2 1 443\r\n",
    b"\r\n\r\n\0\r\nQUIT\n" + bytes(20),
    b"SSH-2.0-OpenSSH_9.2\r\n",
    b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10" + bytes(37),  # SSL 2.0
    b"\x05\x01\x00",
    b"",
)
KINDS = (1, 5, 10, 11, 13, 16, 18, 21, 22, 23, 27, 28, 35, 41, 42, 43, 44, 45, 49, 50, 51, 57, 2570, 13172, 0xFF01)
"""Extensions: the known ones but the name, GREASE (RFC 8701), NPN, and renegotiation."""


class Shape(NamedTuple):
    """A connection.

    :ivar pieces: what is sent, piece by piece.
    :ivar then: what is sent once something has come back; empty: nothing.
    :ivar end: ``leave`` without listening, ``reset`` likewise, or ``listen`` until the other side has said something.
    """

    pieces: tuple[bytes, ...]
    then: bytes = b""
    end: str = "listen"


def hellos(names: Sequence[str]) -> list[bytes]:
    """Make sound ClientHellos, as OpenSSL does, for all kinds of clients and these names; an empty one: none."""
    found = []
    for name in names:
        for lowest, highest in (("TLSv1_2", "TLSv1_3"), ("TLSv1_2", "TLSv1_2"), ("TLSv1_3", "TLSv1_3")):
            for protocols in ([], ["http/1.1"], ["h2", "http/1.1"], ["x" * 255] * 8):
                for group in ("", "X25519", "prime256v1", "secp521r1"):
                    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                    context.minimum_version = ssl.TLSVersion[lowest]
                    context.maximum_version = ssl.TLSVersion[highest]
                    context.check_hostname = bool(name)
                    if protocols:
                        context.set_alpn_protocols(protocols)
                    if group:
                        context.set_ecdh_curve(group)
                    found.append(_first_words(context, name))
    return found


def _first_words(context: ssl.SSLContext, name: str) -> bytes:
    said = ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(ssl.MemoryBIO(), said, server_hostname=name or None).do_handshake()
    return said.read()


def shape(chance: Random, sound: Sequence[bytes], name: bytes) -> Shape:
    """Choose what comes: nothing like TLS, a sound ClientHello, a broken one, one made up field by field."""
    way = chance.random()
    if way < 0.1:
        return Shape((chance.choice((*OTHERS, chance.randbytes(chance.randrange(400)))),), end=_end(chance))
    hello = chance.choice(sound)
    if way < 0.35:
        return Shape(_pieces(chance, hello), _after(chance, hello), _end(chance))
    if way < 0.55:
        return Shape(_pieces(chance, record(made_up(chance, name))), _after(chance, hello), _end(chance))
    broken = _broken(chance, hello)
    if way < 0.6:
        return Shape(_pieces(chance, broken[: chance.randrange(len(broken) + 1)]), end=_end(chance))
    return Shape(_pieces(chance, broken), _after(chance, hello), _end(chance))


def _end(chance: Random) -> str:
    return chance.choices(("listen", "leave", "reset"), (8, 1, 1))[0]


def _pieces(chance: Random, data: bytes) -> tuple[bytes, ...]:
    """Cut what is sent, mostly not at all."""
    if chance.random() < 0.9 or len(data) < 2:
        return (data,)
    at = chance.randrange(1, len(data))
    return data[:at], data[at:]


def record(body: bytes, kind: int = 22, size: int = 16384) -> bytes:
    """Put bytes into records (RFC 8446 §5.1)."""
    cut = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    return b"".join(struct.pack("!BHH", kind, 0x0301, len(piece)) + piece for piece in cut)


def made_up(chance: Random, name: bytes) -> bytes:
    """Make a ClientHello field by field: its lengths are right, what stands in the fields may not be."""
    server_name = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    extensions = [server_name] if chance.random() < 0.9 else []
    kinds = chance.sample(KINDS, chance.randrange(12))
    extensions += [_vector(2, _content(chance, kind), struct.pack("!H", kind)) for kind in kinds]
    chance.shuffle(extensions)
    ciphers = struct.pack("!4H", 0x1301, 0xC02B, 0xC02F, 0x00FF) + chance.randbytes(2 * chance.randrange(40))
    body = struct.pack("!H", chance.choice((0x0303, 0x0303, 0x0301, 0x0300, 0x0304, 0xFFFF))) + chance.randbytes(32)
    body += _vector(1, chance.randbytes(chance.choice((0, 32, 32, 33, 255))))
    body += _vector(2, ciphers) + _vector(1, chance.choice((b"\0", b"\0", b"\1\0", b"")))
    return _vector(3, body + _vector(2, b"".join(extensions)), b"\1")


def _content(chance: Random, kind: int) -> bytes:
    """What stands in an extension: as it should, nearly so, or noise."""
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(60))
    point = b"\4" + chance.randbytes(64)
    key = chance.choice((struct.pack("!HH", 29, 32) + chance.randbytes(32), struct.pack("!HH", 23, 65) + point))
    known = {
        43: b"\4\3\4\3\3",  # supported_versions
        51: _vector(2, key * chance.choice((1, 1, 2, 9))),  # key_share
        10: b"\0\6\0\x1d\0\x17\0\x18",  # supported_groups
        13: b"\0\6\4\3\x08\x04\4\1",  # signature_algorithms
        45: b"\1\1",  # psk_key_exchange_modes
        41: _vector(2, _vector(2, chance.randbytes(100)) + bytes(4)) + _vector(2, _vector(1, chance.randbytes(32))),
        16: _vector(2, _vector(1, b"http/1.1")),
        35: chance.randbytes(chance.choice((0, 180, 240))),  # session_ticket
        1: chance.choice((b"\1", b"\4", b"\7")),  # max_fragment_length
        28: chance.choice((b"\0\x40", b"\x40\1", b"\0\0")),  # record_size_limit
        5: b"\1\0\0\0\0",  # status_request
        44: _vector(2, chance.randbytes(40)),  # cookie
        0xFF01: chance.choice((b"\0", b"\x0c" + bytes(12))),
    }
    return known.get(kind, b"")


def _vector(size: int, data: bytes, front: bytes = b"") -> bytes:
    return front + len(data).to_bytes(size, "big") + data


def _broken(chance: Random, hello: bytes) -> bytes:
    """Change a ClientHello, most often where lengths and kinds stand."""
    way = chance.randrange(5)
    if way == 0:
        return record(hello[5:], chance.choice((22, 22, 22, 23, 0, 255)), chance.choice((1, 3, 64, 256)))
    if way == 1:
        at = chance.randrange(len(hello))
        return hello[:at] + chance.randbytes(chance.randrange(40)) + hello[at:]
    if way == 2:
        at = chance.randrange(len(hello))
        return hello[:at] + hello[at + chance.randrange(1, 40) :]
    changed = bytearray(hello)
    for _ in range(chance.randrange(1, 8)):
        changed[chance.randrange(len(changed))] = chance.choice((0, 1, 0x7F, 0xFF, chance.getrandbits(8)))
    if way == 3:  # the frame stays sound, so that what is within is looked at
        changed[:9] = struct.pack("!BHHB", 22, 0x0301, len(changed) - 5, 1) + (len(changed) - 9).to_bytes(3, "big")
    return bytes(changed)


def _after(chance: Random, hello: bytes) -> bytes:
    """What follows the server's answer: never what it should be, for that takes a real client."""
    said = (
        b"",
        record(b"\1\0", 21),  # close_notify
        record(b"\2\x28", 21),
        record(b"\1", 20) * chance.randrange(1, 40),  # change_cipher_spec
        record(chance.randbytes(chance.randrange(1, 300)), 23),
        record(_vector(3, _vector(1, b"\4" + chance.randbytes(64)), b"\x10"))
        + record(b"\1", 20),  # client_key_exchange
        record(_vector(3, chance.randbytes(32), b"\x14")),  # finished
        record(_vector(3, b"", b"\0")) * 8,  # hello_request
        record(b"\1\x40\0abc", 24),  # heartbeat, longer than it is
        record(b"", chance.choice((20, 21, 22, 23))) * 40,
        b"\x17\3\3\xff\xff" + chance.randbytes(200),
        hello,
        OTHERS[0],
        chance.randbytes(100),
    )
    return chance.choice(said)
