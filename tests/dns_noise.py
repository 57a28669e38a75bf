"""Anything that may come to a DNS server, and what every answer must be like, read by nothing of ours.

Rule of this file: questions of every shape, most of them then broken at random; the same seed makes the same ones.
"""

from __future__ import annotations

import socket
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

from tests.questions import DOMAIN, opt, question, written

if TYPE_CHECKING:
    from random import Random

TYPES = (0, 1, 2, 5, 6, 15, 16, 28, 41, 43, 46, 65, 249, 250, 251, 252, 255, 257, 65280, 65535)
CODES = {0, 1, 3, 4, 5}
"""No error, malformed, no such name, not implemented, refused: never SERVFAIL."""
ROW = 16
"""Messages that are sent before an answer is waited for."""
HEAD = struct.Struct("!HHHHHH")


def message(chance: Random) -> bytes:
    """One message: sound, nearly so, or noise."""
    shape = chance.random()
    if shape < 0.05:
        return chance.randbytes(chance.choice((0, 1, 11, 12, 13, 40, 512, 1500, 4096)))
    beside = [_beside(chance) for _ in range(chance.choice((0, 0, 1, 1, 1, 2, 6)))]
    flags = chance.choice((0, 0x0100, 0x0100, 0x0110, 0x8180, chance.getrandbits(16)))
    counts = None
    if chance.random() < 0.1:
        counts = chance.randrange(4), chance.randrange(3), chance.randrange(3), chance.getrandbits(16)
    made = question(
        _name(chance),
        chance.choice((*TYPES, chance.getrandbits(16))),
        *beside,
        kind=chance.choice((1, 1, 1, 1, 3, 255, chance.getrandbits(16))),
        flags=flags,
        number=chance.getrandbits(16),
        counts=counts,
    )
    return made if shape < 0.5 else _broken(chance, made)


def row(chance: Random, count: int) -> list[bytes]:
    """Messages with numbers of their own, by which answers are told apart."""
    return [(bytes((at,)) + one[1:])[: len(one)] for at, one in enumerate(message(chance) for _ in range(count))]


def _name(chance: Random) -> bytes:
    """A name within the zone, or without, or no name at all."""
    inner = [chance.choice(("app", "_acme-challenge", "ns1", "*", "x" * 63, "a.b")) for _ in range(chance.randrange(4))]
    found = b"".join(bytes((len(label),)) + label.encode() for label in inner)
    end = written(chance.choice((DOMAIN, DOMAIN, DOMAIN.upper(), "example.com", "", "secure.example.org")))
    if chance.random() < 0.1:
        return found + chance.choice(
            (b"\xc0\x0c", b"\xc0\x00", b"\x40a", b"\xff", end * 9, chance.randbytes(20) + b"\0")
        )
    return found + end


def _beside(chance: Random) -> bytes:
    options = b"".join(
        struct.pack("!HH", chance.choice((3, 8, 10, 12, chance.getrandbits(16))), size) + chance.randbytes(size)
        for size in (chance.randrange(20) for _ in range(chance.randrange(3)))
    )
    if chance.random() < 0.2:
        return b"\xc0\x0c" + struct.pack("!HHIH", chance.choice(TYPES), 1, 0, len(options)) + options
    return opt(chance.getrandbits(16), chance.choice((0, 0, 0, 1, 255)), chance.choice((0, 0x8000)), options)


def _broken(chance: Random, sound: bytes) -> bytes:
    """Change a message: cut, lengthened, doubled, bits turned."""
    way = chance.randrange(4)
    if way == 0:
        return sound[: chance.randrange(len(sound) + 1)]
    if way == 1:
        return sound + chance.randbytes(chance.choice((1, 2, 11, 300)))
    if way == 2:
        at = chance.randrange(len(sound))
        return sound[:at] + sound[at:] * 2
    changed = bytearray(sound)
    for _ in range(chance.randrange(1, 6)):
        changed[chance.randrange(len(changed))] = chance.getrandbits(8)
    return bytes(changed)


def check(asked: bytes, answer: bytes, *, datagram: bool) -> None:
    """Check what holds for every answer."""
    number, flags, *counts = HEAD.unpack_from(answer)
    sent, asked_flags, *_ = HEAD.unpack_from(asked)
    assert number == sent
    assert not asked_flags & 0x8000, "an answer was answered"
    assert flags & 0x8000
    assert flags & 0x7900 == asked_flags & 0x7900, "opcode and RD are copied"
    assert not flags & 0x00F0, "RA, AD and CD are clear, and nothing is where nothing may be"
    assert flags & 0xF in CODES
    if datagram:
        assert len(answer) <= min(1232, 4 * len(asked))
    assert _end(answer, counts) == len(answer)
    if counts[0]:
        end = _question_end(answer)
        assert answer[12:end] == asked[12:end], "the question comes back as it came"
    else:
        assert len(answer) == 12


def _end(answer: bytes, counts: list[int]) -> int:
    """Go over an answer; give where its last record ends."""
    assert counts[0] <= 1
    at = _question_end(answer) if counts[0] else 12
    for _ in range(sum(counts[1:])):
        at = _name_end(answer, at)
        at += 10 + int.from_bytes(answer[at + 8 : at + 10], "big")
    return at


def _question_end(answer: bytes) -> int:
    return _name_end(answer, 12) + 4


def _name_end(answer: bytes, at: int) -> int:
    """Where a name ends; pointers lead to what stands before them (RFC 1035 §4.1.4)."""
    while size := answer[at]:
        if size >= 0xC0:
            assert int.from_bytes(answer[at : at + 2], "big") & 0x3FFF < at
            return at + 2
        assert size < 64
        at += 1 + size
    return at + 1


class Tally(NamedTuple):
    """How much noise there was."""

    sent: int = 0
    answered: int = 0


def over_udp(port: int, chance: Random, seconds: float) -> Tally:
    """Send noise for a time, from one loopback address after the other, as each has its bound; blocks.

    What is not answered is told from what is by a sound question that follows a row of messages: it always is.
    """
    until = time.monotonic() + seconds
    sent = answered = 0
    while time.monotonic() < until:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.bind((f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}", 0))
            sock.connect(("127.0.0.1", port))
            sock.settimeout(30)
            asked = row(chance, ROW)
            for one in asked:
                sock.send(one)
            answered += _until_last(sock, asked, question(DOMAIN, number=0xFFFF))
            sent += len(asked)
    return Tally(sent, answered)


def _until_last(sock: socket.socket, asked: list[bytes], last: bytes) -> int:
    """Ask once more, and take what comes, in the order of the questions, until that is answered; how much came."""
    sock.send(last)
    waiting = iter(asked)
    count = 0
    while True:
        answer = sock.recv(65535)
        if answer[:2] == last[:2]:
            check(last, answer, datagram=True)
            return count
        one = next(one for one in waiting if one[:2] == answer[:2])
        check(one, answer, datagram=True)
        count += 1


def over_tcp(port: int, chance: Random, seconds: float) -> Tally:
    """Send noise for a time, in rows and in pieces; blocks. Some connections are left in the middle."""
    until = time.monotonic() + seconds
    sent = answered = 0
    while time.monotonic() < until:
        source = f"127.{chance.randrange(1, 255)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"
        asked = row(chance, chance.randrange(1, ROW))
        if chance.random() < 0.7:
            asked.append(question(DOMAIN, number=0xFFFF))
        data = b"".join(len(one).to_bytes(2, "big") + one for one in asked)
        if chance.random() < 0.2:
            data = data[: chance.randrange(len(data))]
        with socket.create_connection(("127.0.0.1", port), 30, (source, 0)) as sock:
            at = chance.randrange(len(data) + 1)
            try:
                for piece in (data[:at], data[at:]):
                    sock.sendall(piece)
                sock.shutdown(socket.SHUT_WR)
                answered += _answers(sock, asked)
            except TimeoutError:
                raise
            except OSError:
                pass  # it was noise
        sent += len(asked)
    return Tally(sent, answered)


def _answers(sock: socket.socket, asked: list[bytes]) -> int:
    """Take what comes until the end; each answer belongs to the next question that is answered at all."""
    data = b""
    while piece := sock.recv(65536):
        data += piece
    waiting, count = iter(asked), 0
    while data:
        size = int.from_bytes(data[:2], "big")
        answer, data = data[2 : 2 + size], data[2 + size :]
        check(next(one for one in waiting if one[:2] == answer[:2]), answer, datagram=False)
        count += 1
    return count
