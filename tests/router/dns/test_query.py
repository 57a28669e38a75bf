"""What is read of a message, and what is done with one that breaks its format."""

from __future__ import annotations

import struct

import pytest
from twisted.names import dns

from tests.questions import DOMAIN, NUMBER, opt, question, written
from webproxy.router.dns.query import FORMERR, NOTIMP, Edns, Query, Unread, parsed


def test_a_question() -> None:
    message = question(f"WWW.{DOMAIN}", dns.AAAA, flags=0x0100)
    assert parsed(message) == Query(
        NUMBER, True, (b"www", b"secure", b"example", b"com"), dns.AAAA, dns.IN, message[12:], None
    )


def test_rfc_6891_6_1_3_what_a_client_says_of_itself() -> None:
    query = parsed(question(DOMAIN, dns.A, opt(1400, 0, 0x8000, struct.pack("!HH8s", 10, 8, b"a cookie"))))
    assert isinstance(query, Query)
    assert query.edns == Edns(1400, 0, True)


def test_rfc_6891_6_2_3_a_payload_below_512_means_512() -> None:
    query = parsed(question(DOMAIN, dns.A, opt(100, 3)))
    assert isinstance(query, Query)
    assert query.edns == Edns(512, 3, False)


def test_other_additional_records_say_nothing() -> None:
    signature = b"\xc0\x0c" + struct.pack("!HHIH", 250, 255, 0, 3) + b"abc"
    query = parsed(question(DOMAIN, dns.A, opt(), signature))
    assert isinstance(query, Query)
    assert query.edns is not None


@pytest.mark.parametrize("message", [b"", question(DOMAIN)[:11], question(DOMAIN, flags=0x8000)])
def test_what_is_not_answered(message: bytes) -> None:
    assert parsed(message) is None


@pytest.mark.parametrize("opcode", [1, 2, 4, 5, 15])
def test_rfc_1035_4_1_1_only_queries_are_known(opcode: int) -> None:
    flags = opcode << 11 | 0x0100
    assert parsed(question(DOMAIN, flags=flags)) == Unread(NUMBER, True, opcode << 11, NOTIMP)


WHOLE = question(DOMAIN, dns.A, opt(options=b"\0\x0a\0\2ab"))


@pytest.mark.parametrize(
    "message",
    [
        question(DOMAIN, counts=(0, 0, 0, 0)),
        question(DOMAIN, counts=(2, 0, 0, 0)),
        question(DOMAIN, counts=(1, 1, 0, 0)),
        question(DOMAIN, counts=(1, 0, 1, 0)),
        question(DOMAIN, counts=(1, 0, 0, 1)),
        question(DOMAIN, dns.A, *[opt()] * 5),
        question(DOMAIN, dns.A, opt(), opt()),
        question(DOMAIN, dns.A, opt(name=b"\1a\0")),
        question(DOMAIN, dns.A, opt(name=b"\xc0\x0c")),
        question(DOMAIN, dns.A, opt(options=b"\0\x0a\0\3ab")),
        question(DOMAIN, dns.A, opt(options=b"\0")),
        question(DOMAIN) + b"x",
        question(b"\xc0\x0c"),
        question(b"\xc0\x04"),
        question(written("a" * 63)[:-1] * 5),
        *[WHOLE[:size] for size in range(12, len(WHOLE))],
    ],
)
def test_what_breaks_the_format(message: bytes) -> None:
    assert parsed(message) == Unread(NUMBER, False, 0, FORMERR)
