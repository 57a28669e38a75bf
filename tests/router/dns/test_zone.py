"""Who asks for what gets which records: RFC 1034, 2308, 4592, 8020, 8482, 8659."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.names import dns
from twisted.names.dns import Record_A, Record_AAAA, Record_HINFO, Record_NS, Record_TXT

from tests.questions import CAA, DOMAIN, question, zone
from webproxy.router.dns.query import Query, parsed
from webproxy.router.dns.records import Record_CAA

if TYPE_CHECKING:
    from webproxy.router.dns.zone import Found, Zone

A, AAAA = Record_A("192.0.2.7", 300), Record_AAAA("2001:db8::7", 300)
PROOF = f"_acme-challenge.{DOMAIN}"


def ask(of: Zone, name: str, type_: int = dns.A, kind: int = dns.IN) -> Found:
    query = parsed(question(name, type_, kind=kind))
    assert isinstance(query, Query)
    return of.find(query)


def no_data(found: Found) -> bool:
    """RFC 2308 §2.2: no error, nothing there, and the zone's start."""
    return found.code == dns.OK and not found.answers and isinstance(found.start, dns.Record_SOA)


@pytest.mark.parametrize(
    "name", [DOMAIN, f"app-fox-chi.{DOMAIN}", f"a.b.c.{DOMAIN}", f"*.{DOMAIN}", f"ns1.{DOMAIN}", f"_443._tcp.{DOMAIN}"]
)
def test_every_name_leads_to_the_router(name: str) -> None:
    assert list(ask(zone(), name).answers) == [A]
    assert list(ask(zone(), name, dns.AAAA).answers) == [AAAA]


def test_rfc_1034_4_3_2_what_is_known_of_the_zone_itself() -> None:
    served = zone(servers=(f"ns1.{DOMAIN}", "ns.example.net"), authorities=("ca.example", "other.example"))
    (start,) = ask(served, DOMAIN, dns.SOA).answers
    assert (start.mname.name, start.serial, start.ttl) == (f"ns1.{DOMAIN}".encode(), 17, 3600)
    assert list(ask(served, DOMAIN, dns.NS).answers) == [
        Record_NS(f"ns1.{DOMAIN}", 3600),
        Record_NS("ns.example.net", 3600),
    ]
    assert list(ask(served, DOMAIN, CAA).answers) == [
        Record_CAA(0, b"issue", b"ca.example", 300),
        Record_CAA(0, b"issue", b"other.example", 300),
    ]
    for type_ in (dns.SOA, dns.NS, CAA):
        assert no_data(ask(served, f"x.{DOMAIN}", type_))


@pytest.mark.parametrize("type_", [CAA, dns.TXT, dns.MX, dns.CNAME, 43, 65, 0, 41, 65280, 65535])
def test_rfc_2308_2_2_what_is_not_there_is_no_data(type_: int) -> None:
    for name in (DOMAIN, f"x.{DOMAIN}", PROOF):
        assert no_data(ask(zone(), name, type_))


def test_rfc_2308_3_absence_is_kept_for_a_minute() -> None:
    start = ask(zone(), DOMAIN, dns.TXT).start
    assert (start.ttl, start.minimum) == (60, 60)


def test_an_address_of_a_kind_that_the_router_has_not() -> None:
    assert no_data(ask(zone(addresses=("192.0.2.7",)), f"x.{DOMAIN}", dns.AAAA))


def test_rfc_4592_2_2_1_a_name_of_a_challenge_is_no_wildcard_s() -> None:
    assert no_data(ask(zone(), PROOF))
    assert no_data(ask(zone(), PROOF, dns.TXT))
    assert no_data(ask(zone(), f"_acme-challenge.app.{DOMAIN}"))


@pytest.mark.parametrize("name", [f"x.{PROOF}", f"x.y.{PROOF}", f"x._acme-challenge.app.{DOMAIN}", f"x.ns1.{DOMAIN}"])
def test_rfc_4592_3_3_1_nothing_is_made_up_below_a_name_of_its_own(name: str) -> None:
    for type_ in (dns.A, dns.TXT, 65280, dns.ALL_RECORDS):
        found = ask(zone(), name, type_)
        assert (found.code, list(found.answers)) == (dns.ENAME, [])
        assert found.start.ttl == 60  # RFC 2308 §2.1


def test_rfc_8020_2_what_is_above_a_name_exists() -> None:
    served = zone()
    served.add_text(f"_acme-challenge.app.{DOMAIN}", "proof")
    assert list(ask(served, f"app.{DOMAIN}").answers) == [A]
    assert no_data(ask(served, f"app.{DOMAIN}", dns.TXT))
    assert list(ask(served, f"other.app.{DOMAIN}").answers) == [A]


@pytest.mark.parametrize("name", ["example.com", "com", "", f"x{DOMAIN}", "secure.example.org", "www.example.net"])
def test_nothing_is_said_of_other_zones(name: str) -> None:
    assert ask(zone(), name) == (dns.EREFUSED, (), None)


@pytest.mark.parametrize("kind", [2, 3, 4, 254, 255])
def test_there_is_one_class(kind: int) -> None:
    assert ask(zone(), DOMAIN, dns.TXT, kind).code == dns.EREFUSED


@pytest.mark.parametrize("type_", [251, 252])
def test_rfc_5936_2_2_1_the_zone_is_not_handed_out(type_: int) -> None:
    assert ask(zone(), DOMAIN, type_).code == dns.EREFUSED


def test_rfc_8482_4_2_who_wants_everything_gets_next_to_nothing() -> None:
    served = zone()
    served.add_text(PROOF, "proof")
    for name in (DOMAIN, PROOF, f"x.{DOMAIN}"):
        assert list(ask(served, name, dns.ALL_RECORDS).answers) == [Record_HINFO(b"RFC8482", b"", 3600)]


def test_rfc_8555_8_4_several_proofs_at_once() -> None:
    served = zone()

    def texts(name: str) -> list[Any]:
        return list(ask(served, name, dns.TXT).answers)

    served.add_text(PROOF, "one")
    served.add_text(PROOF.upper() + ".", "two")
    served.add_text(PROOF, "one")
    assert texts(PROOF) == [Record_TXT(b"one", ttl=0), Record_TXT(b"two", ttl=0)]
    assert texts(PROOF.title()) == texts(PROOF)
    assert repr(served) == f"<Zone {DOMAIN} serial=19 texts=2>"
    served.remove_text(PROOF, "one")
    served.remove_text(PROOF, "one")
    served.remove_text(f"x.{DOMAIN}", "one")
    assert texts(PROOF) == [Record_TXT(b"two", ttl=0)]
    served.remove_text(PROOF, "two")
    assert texts(PROOF) == []
    (start,) = ask(served, DOMAIN, dns.SOA).answers
    assert start.serial == served.serial == 21
    assert ask(served, DOMAIN, dns.TXT).start.serial == 21


def test_rfc_1982_3_1_a_serial_goes_round() -> None:
    served = zone()
    served.serial = 2**32 - 1
    served.add_text(PROOF, "one")
    assert served.serial == 0


def test_texts_are_bounded() -> None:
    served = zone()
    for number in range(64):
        served.add_text(PROOF, f"{number}")
    with pytest.raises(ValueError, match="64 texts are answered already"):
        served.add_text(f"x.{DOMAIN}", "one more")
    served.remove_text(PROOF, "63")
    served.add_text(f"x.{DOMAIN}", "one more")
    served.remove_text(PROOF, "62")
    with pytest.raises(ValueError, match="255 bytes at most, not 256"):
        served.add_text(PROOF, "x" * 256)
    with pytest.raises(ValueError, match=f"example.org is not in the zone {DOMAIN}"):
        served.add_text("_acme-challenge.example.org", "one")
