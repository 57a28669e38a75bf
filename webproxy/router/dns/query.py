"""A query, read from the message that brought it.

Rule of this file: pure; it reads what may stand in a query, in the order of the RFCs, and nothing else: one question,
no answers, an OPT record. Work is bounded by the message's own length. What is not to be answered at all is ``None``.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from twisted.names import dns

from webproxy.router.dns.labels import Labels, MalformedError, read, skip

HEAD = struct.Struct("!HHHHHH")
"""RFC 1035 §4.1.1: id, flags, and how many questions, answers, authorities and additional records."""
_QUESTION = struct.Struct("!HH")
_RECORD = struct.Struct("!HHIH")
_OPTION = struct.Struct("!HH")

QR = 0x8000
AA = 0x0400
TC = 0x0200
RD = 0x0100
OPCODE = 0x7800
DO = 0x8000
OPT = 41

NOTIMP = dns.ENOTIMP
FORMERR = dns.EFORMAT

ADDITIONAL = 4
"""Records that may stand beside a question: OPT and a signature are known."""
SMALLEST = 512
"""Bytes of an answer that everybody takes over UDP (RFC 1035 §2.3.4)."""


@dataclass(frozen=True, slots=True)
class Edns:
    """What a client says of itself (RFC 6891 §6.1.3).

    :param payload: bytes of the largest answer that it takes over UDP.
    :param version: of EDNS.
    :param dnssec: whether it knows DNSSEC; to be said again in the answer (RFC 3225 §3).
    """

    payload: int
    version: int
    dnssec: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A question, whole.

    :param number: of the message.
    :param recursion: whether recursion is desired; it is copied, and changes nothing.
    :param name: in lower case.
    :param type: of the records that are wanted.
    :param kind: the class.
    :param written: the question's bytes as they came, for the answer: the case of its letters is
        what tells a resolver that the answer is to its question.
    :param edns: ``None`` for a client without.
    """

    number: int
    recursion: bool
    name: Labels
    type: int
    kind: int
    written: bytes
    edns: Edns | None


@dataclass(frozen=True, slots=True)
class Unread:
    """A message that is answered with an error alone, and its question is not repeated.

    :param opcode: as it stood there.
    :param code: RCODE of the answer.
    """

    number: int
    recursion: bool
    opcode: int
    code: int


def parsed(message: bytes) -> Query | Unread | None:
    """Read a message.

    :returns: ``None``: not to be answered, for it is too short to be told from noise, or is an answer itself: two
        servers that answer each other's answers never end.
    """
    if len(message) < HEAD.size:
        return None
    number, flags, questions, *others = HEAD.unpack_from(message)
    if flags & QR:
        return None
    recursion, opcode = bool(flags & RD), flags & OPCODE
    if opcode:  # RFC 1035 §4.1.1: IQUERY, STATUS; RFC 1996: NOTIFY; RFC 2136: UPDATE
        return Unread(number, recursion, opcode, NOTIMP)
    try:
        return _question(message, number, recursion, (questions, *others))
    except MalformedError:
        return Unread(number, recursion, opcode, FORMERR)


def _question(message: bytes, number: int, recursion: bool, counts: tuple[int, ...]) -> Query:
    """Read all that stands behind the head.

    :raises MalformedError: it is not one question, alone, and whole.
    """
    questions, answers, authorities, additional = counts
    if questions != 1 or answers or authorities or additional > ADDITIONAL:  # RFC 9619 §4: one question
        raise MalformedError("not one question alone")
    name, at = read(message, HEAD.size)
    type_, kind = _unpacked(_QUESTION, message, at)
    at += _QUESTION.size
    written = message[HEAD.size : at]
    edns, at = _beside(message, at, additional)
    if at != len(message):
        raise MalformedError("something stands behind the last record")
    return Query(number, recursion, name, type_, kind, written, edns)


def _beside(message: bytes, at: int, count: int) -> tuple[Edns | None, int]:
    """Read the additional records, of which OPT alone says something.

    :returns: that, and where the last of them ends.
    """
    edns = None
    for _ in range(count):
        start, at = at, skip(message, at)
        type_, kind, ttl, size = _unpacked(_RECORD, message, at)
        at += _RECORD.size
        if at + size > len(message):
            raise MalformedError("a record that does not end")
        if type_ == OPT:
            if edns is not None or message[start]:  # RFC 6891 §6.1.1: one, and its name is the root
                raise MalformedError("OPT twice, or with a name")
            _checked_options(message, at, at + size)
            edns = Edns(max(kind, SMALLEST), ttl >> 16 & 0xFF, bool(ttl & DO))  # §6.2.3: less than 512 means 512
        at += size
    return edns, at


def _checked_options(message: bytes, at: int, end: int) -> None:
    """Go over the options of OPT, none of which we know: they are ignored (RFC 6891 §6.1.2), if they are whole."""
    while at < end:
        _, size = _unpacked(_OPTION, message[:end], at)
        at += _OPTION.size + size
    if at > end:
        raise MalformedError("an option that does not end")


def _unpacked(layout: struct.Struct, message: bytes, at: int) -> tuple[int, ...]:
    try:
        return layout.unpack_from(message, at)
    except struct.error:
        raise MalformedError("the message ends within a record") from None
