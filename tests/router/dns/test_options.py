"""The name server's options: what they come to, and a sentence for each that is wrong."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.router.dns.options import OPTIONS, settle
from webproxy.router.dns.settings import DnsSettings, Facts
from webproxy.router.options import settings_of
from webproxy.settings.settle import values_of
from webproxy.settings.words import read_words

if TYPE_CHECKING:
    from webproxy.errors import SettingsError

DOMAIN = "secure.example.com"


def settled(*words: str, wanted: str = "", **other: Any) -> tuple[DnsSettings | None, list[str]]:
    """What words come to, and what is wrong with them."""
    errors: list[SettingsError] = []
    said = read_words(words, {option.name: option for option in OPTIONS})
    values = {"domain": DOMAIN, "listen": (), **other, **values_of(OPTIONS, said, errors)}
    found, wrong = settle(values, said, wanted=wanted)
    assert set(values) <= {"domain", "listen"}
    return found, [str(error) for error in (*errors, *wrong)]


def test_there_is_no_server_unless_somebody_wants_one() -> None:
    assert settled() == (None, [])
    assert settled("--dns-port", "none") == (None, [])


def test_a_port_and_an_address_are_enough() -> None:
    facts = Facts(domain=DOMAIN, addresses=("192.0.2.7",), servers=(f"ns1.{DOMAIN}",), contact=f"hostmaster@{DOMAIN}")
    expected = DnsSettings(facts=facts, port=53, listen=())
    assert settled("--dns-port", "53", "--public-address", "192.0.2.7") == (expected, [])
    assert settled("--public-address", "192.0.2.7", wanted="--x") == (expected, [])


def test_everything_may_be_said() -> None:
    words = ["--dns-port=5353", "--dns-listen=10.0.0.2", "--dns-listen=::1", "--public-address=2001:db8::7"]
    words += ["--public-address=192.0.2.7", "--public-address=192.0.2.7", "--dns-name=NS.example.net."]
    words += ["--dns-name=ns1.secure.example.com", "--dns-contact=A.b+c@Example.com", "--dns-caa=ca.example; a=b"]
    found, wrong = settled(*words, "--dns-caa", ";", listen=("192.0.2.9",))
    assert not wrong
    assert found == DnsSettings(
        facts=Facts(
            domain=DOMAIN,
            addresses=("2001:db8::7", "192.0.2.7"),
            servers=("ns.example.net", "ns1.secure.example.com"),
            contact="A.b+c@example.com",
            authorities=("ca.example; a=b", ";"),
        ),
        port=5353,
        listen=("10.0.0.2", "::1"),
    )


def test_what_the_router_listens_on_is_its_address() -> None:
    found, _ = settled("--dns-port=53", listen=("192.0.2.9", "0.0.0.0"))
    assert found is not None
    assert (found.facts.addresses, found.listen) == (("192.0.2.9",), ("192.0.2.9", "0.0.0.0"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--dns-port=53"], "--public-address: not given, and DNS is to answer with it; say at which address the"),
        (["--dns-caa=ca.example"], "--dns-caa: no DNS is served; serve DNS with --dns-port 53, or leave this out"),
        (["--dns-port=none", "--dns-name=a.b"], "--dns-name: no DNS is served"),
        (["--dns-port=0"], "--dns-port: 0 is not a port"),
        (["--dns-listen=x"], "--dns-listen: 'x' is not a network"),
        (["--public-address=0.0.0.0"], "--public-address: 0.0.0.0 is not one machine's address; give the router's own"),
        (["--public-address=ff02::1"], "--public-address: ff02::1 is not one machine's address"),
        (["--public-address=10.0.0.0/8"], "--public-address: 10.0.0.0/8 is a network"),
        (["--dns-name=ns1"], "--dns-name: 'ns1' is not a domain"),
        (["--dns-contact=anna"], "--dns-contact: 'anna' is no mailbox; write it as in hostmaster@example.com"),
        (["--dns-contact=a b@example.com"], "--dns-contact: 'a b@example.com' is no mailbox"),
        (["--dns-contact=anna@localhost"], "--dns-contact: 'localhost' is not a domain"),
        (["--dns-caa=Let's Encrypt"], '--dns-caa: "Let\'s Encrypt" names no authority'),
        (["--dns-caa="], "--dns-caa: '' names no authority"),
    ],
)
def test_what_is_wrong(words: list[str], told: str) -> None:
    found, wrong = settled(*words)
    assert found is None
    assert [told in sentence for sentence in wrong] == [True]


def test_what_needs_it_is_told() -> None:
    found, wrong = settled("--dns-port=none", wanted="--acme-challenge dns-01")
    assert found is None
    assert wrong == ["--dns-port: none, and --acme-challenge dns-01 needs it; authorities ask on port 53"]


def test_nothing_more_is_told_of_a_router_without_a_domain() -> None:
    assert settle({"listen": ()}, {}, wanted="x") == (None, [])


def test_they_stand_in_the_router_s_table(tmp_path: Any) -> None:
    (tmp_path / "f").touch()
    file = str(tmp_path / "f")
    words = ["--domain", DOMAIN, "--certificate", file, "--key", file, "--machines", "10.0.0.0/8", "--drain", "none"]
    assert settings_of(words, {}).dns is None
    settings = settings_of([*words, "--dns-port", "5353", "--listen", "192.0.2.7"], {})
    assert settings.dns is not None
    assert (settings.dns.port, settings.dns.facts.addresses, settings.drain) == (5353, ("192.0.2.7",), math.inf)
