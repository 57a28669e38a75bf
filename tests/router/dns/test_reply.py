"""Answers as bytes: flags, lengths, EDNS, and how long they may become."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from twisted.names import dns

from tests.questions import DOMAIN, NUMBER, opt, payloads, question, read, zone
from webproxy.router.dns.query import parsed
from webproxy.router.dns.reply import answered
from webproxy.router.dns.settings import Facts
from webproxy.router.dns.zone import Zone

PROOF = f"_acme-challenge.{DOMAIN}"
FULL = Facts(
    domain="a.io",
    addresses=tuple(f"192.0.2.{number}" for number in range(1, 20)),
    servers=("ns1.a.io", "ns2.a.io", "ns.a-long-name-of-somebody-else.example"),
    contact="a-very-long-mailbox-of-somebody@a-long-name-of-somebody-else.example",
    authorities=tuple(f"ca{number}.example" for number in range(9)),
)
"""Of a zone of which there is much to say, with a short name."""


def reply(message: bytes, *, of: Zone | None = None, datagram: bool = True) -> bytes:
    query = parsed(message)
    assert query is not None
    return answered(query, of or zone(), size=len(message), datagram=datagram)


def test_rfc_1035_4_1_1_the_head() -> None:
    answer = read(reply(question(DOMAIN, flags=0x0110)))  # RD, CD
    assert (answer.id, answer.answer, answer.auth, answer.trunc) == (NUMBER, 1, 1, 0)
    assert (answer.recDes, answer.recAv, answer.rCode) == (1, 0, 0)
    assert (answer.authenticData, answer.checkingDisabled) == (0, 0)  # RFC 4035 §3.1.6
    assert read(reply(question(DOMAIN))).recDes == 0


def test_the_case_of_the_question_comes_back() -> None:
    name = "aPp.SeCuRe.ExAmPlE.cOm"
    answer = reply(question(name))
    assert answer[12:].startswith(question(name)[12:])
    (record,) = read(answer).answers
    assert (record.name.name, record.ttl) == (name.encode(), 300)


def test_a_dot_within_a_label_stays_there() -> None:
    name = b"\3a.b\6secure\7example\3com\0"
    answer = reply(question(name))
    assert answer[12 : 12 + len(name)] == name
    assert struct.unpack_from("!H", answer, 12 + len(name) + 4) == (0xC00C,)


def test_rfc_2308_2_the_start_of_the_zone_stands_in_the_authority_section() -> None:
    answer = read(reply(question(f"a.b.{DOMAIN}", dns.MX)))
    assert (answer.rCode, answer.auth, answer.answers) == (0, 1, [])
    (start,) = answer.authority
    assert (start.name.name, start.ttl) == (DOMAIN.encode(), 60)
    payload: Any = start.payload
    assert (payload.mname.name, payload.serial) == (f"ns1.{DOMAIN}".encode(), 17)
    assert payload.rname.name == b"host.master.example.com"
    nowhere = read(reply(question(f"x.{PROOF}", dns.TXT)))
    assert (nowhere.rCode, nowhere.auth, len(nowhere.authority)) == (dns.ENAME, 1, 1)


def test_names_of_servers_anywhere() -> None:
    served = zone(servers=(f"ns1.{DOMAIN}", "ns.example.com", "ns.example.net"))
    answer = read(reply(question(DOMAIN, dns.NS), of=served, datagram=False))
    assert [one.name.name for one in payloads(answer.answers)] == [
        f"ns1.{DOMAIN}".encode(),
        b"ns.example.com",
        b"ns.example.net",
    ]


def test_who_asks_for_another_zone_is_refused() -> None:
    answer = read(reply(question("example.org")))
    assert (answer.rCode, answer.auth, answer.authority) == (dns.EREFUSED, 0, [])
    assert answer.queries[0].name.name == b"example.org"


@pytest.mark.parametrize(("flags", "code"), [(0x2000, 4), (0x0000, 1)])
def test_an_error_repeats_no_question(flags: int, code: int) -> None:
    answer = reply(question(DOMAIN, flags=flags | 0x0100) + b"x")
    assert answer == struct.pack("!HHHHHH", NUMBER, 0x8100 | flags | code, 0, 0, 0, 0)


def test_rfc_6891_6_1_1_opt_is_answered_by_opt() -> None:
    assert reply(question(DOMAIN, dns.A, opt())).endswith(opt(1232))
    assert reply(question(DOMAIN, dns.A, opt(flags=0x8000))).endswith(opt(1232, flags=0x8000))  # RFC 3225 §3
    assert reply(question("example.org", dns.A, opt())).endswith(opt(1232))


def test_rfc_6891_6_1_3_other_versions_are_told_ours() -> None:
    answer = reply(question(DOMAIN, dns.A, opt(version=1)))
    assert answer.endswith(b"\0" + struct.pack("!HHBBHH", 41, 1232, 1, 0, 0, 0))  # 16 = 1 << 4
    assert (read(answer).rCode, read(answer).answers) == (0, [])


def test_rfc_1035_4_2_1_what_is_too_long_for_udp_is_cut_short() -> None:
    served = zone()
    for number in range(40):
        served.add_text(PROOF, f"{number:040}")
    message = question(PROOF, dns.TXT, opt())
    short = read(reply(message, of=served))
    assert (short.trunc, short.auth, short.answers, short.rCode) == (1, 1, [], 0)
    assert len(reply(message, of=served)) == len(message)
    whole = read(reply(message, of=served, datagram=False))
    assert whole.trunc == 0
    assert [payload.data for payload in payloads(whole.answers)] == [[b"%040d" % number] for number in range(40)]


def test_two_proofs_fit_into_udp() -> None:
    """A wildcard's and its domain's own, which are proved together."""
    served = zone()
    served.add_text(PROOF, "x" * 43)
    served.add_text(PROOF, "y" * 43)
    assert len(read(reply(question(PROOF, dns.TXT, opt()), of=served)).answers) == 2


def test_over_udp_no_answer_is_more_than_four_times_its_question() -> None:
    served = Zone(FULL, 1)
    worst = 0.0
    for name in ("a.io", "_acme-challenge.a.io", "x.a.io", "x.ns1.a.io"):
        for type_ in (dns.A, dns.AAAA, dns.NS, dns.SOA, dns.TXT, 257, dns.MX, dns.ALL_RECORDS):
            for beside in ((), (opt(),), (opt(65535),)):
                message = question(name, type_, *beside)
                worst = max(worst, len(reply(message, of=served)) / len(message))
    assert 1.5 < worst <= 4
