"""The connection says where a request came from; a stranger's message never does."""

from __future__ import annotations

import pytest

from webproxy.message.fields import Fields, Pair
from webproxy.message.forwarding import (
    CLAIMS,
    OURS,
    REWRITTEN,
    SPOOFABLE,
    Arrival,
    claimed_client,
    forwarding_lines,
    forwarding_pairs,
    is_spoofable,
    request_id,
    spellings,
)
from webproxy.message.head import RequestHead

STRANGER = Arrival("203.0.113.7", b"http", 12345, trusted=False)
PROXY = Arrival("10.0.0.2", b"http", 12345, trusted=True)


def request(*pairs: Pair, authority: bytes = b"a.example") -> RequestHead:
    return RequestHead(b"GET", b"/", authority, 1, Fields(pairs), 0, True, False, False)


def said(head: RequestHead, arrival: Arrival) -> dict[bytes, bytes]:
    pairs = forwarding_pairs(head, arrival)
    assert forwarding_lines(head, arrival) == b"".join(b"%b: %b\r\n" % pair for pair in pairs)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


FORGED = (
    (b"X-Forwarded-For", b"10.6.6.6"),
    (b"X-Forwarded-Proto", b"https"),
    (b"X-Forwarded-Host", b"evil.example"),
    (b"X-Forwarded-Port", b"4443"),
    (b"X-Real-IP", b"10.7.7.7"),
    (b"Forwarded", b"for=10.6.6.6"),
)


def test_of_a_stranger_only_the_connection_tells() -> None:
    expected = {
        b"X-Forwarded-For": b"203.0.113.7",
        b"X-Real-IP": b"203.0.113.7",
        b"X-Forwarded-Proto": b"http",
        b"X-Forwarded-Host": b"a.example",
        b"X-Forwarded-Port": b"12345",
        b"Forwarded": b"for=203.0.113.7;host=a.example;proto=http",
    }
    assert said(request(), STRANGER) == expected
    assert said(request(*FORGED), STRANGER) == expected


def test_two_strangers_are_not_mistaken_for_each_other() -> None:
    other = STRANGER._replace(client="203.0.113.8")
    assert said(request(), STRANGER) != said(request(), other)
    assert said(request(), STRANGER) != said(request(authority=b"b.example"), STRANGER)


def test_a_trusted_proxys_values_are_kept_and_its_lists_extended() -> None:
    assert said(request(*FORGED), PROXY) == {
        b"X-Forwarded-For": b"10.6.6.6, 10.0.0.2",
        b"X-Real-IP": b"10.7.7.7",
        b"X-Forwarded-Proto": b"https",
        b"X-Forwarded-Host": b"evil.example",
        b"X-Forwarded-Port": b"4443",
        b"Forwarded": b"for=10.6.6.6, for=10.0.0.2;host=a.example;proto=http",
    }


def test_what_a_trusted_proxy_does_not_say_is_said_for_it() -> None:
    assert said(request(), PROXY) == said(request(), PROXY._replace(trusted=False))


def test_several_lines_of_a_trusted_proxy_are_one_list() -> None:
    head = request((b"X-Forwarded-For", b"192.0.2.1"), (b"x-forwarded-for", b"192.0.2.2"))
    assert said(head, PROXY)[b"X-Forwarded-For"] == b"192.0.2.1, 192.0.2.2, 10.0.0.2"


@pytest.mark.parametrize(
    ("value", "client"),
    [
        (b"192.0.2.2", "192.0.2.2"),
        (b"10.6.6.6 (forged), 192.0.2.2", "192.0.2.2"),
        (b"192.0.2.1,\t2001:db8::7 ", "2001:db8::7"),
        (b"192.0.2.1:80, 192.0.2.2:51234", "192.0.2.2"),
        (b"::ffff:192.0.2.2", "::ffff:192.0.2.2"),
        (b"", ""),
        (b"unknown", ""),
        (b"192.0.2.1, _hidden", ""),
        (b"192.0.2.2\xff", ""),
    ],
)
def test_the_log_gets_the_client_that_the_trusted_proxy_saw(value: bytes, client: str) -> None:
    head = request((b"X-Forwarded-For", value))
    assert claimed_client(head) == client
    assert said(head, PROXY)[b"X-Real-IP"] == (client.encode() or b"10.0.0.2")


def test_without_a_claim_there_is_no_claimed_client() -> None:
    assert claimed_client(request()) == ""


@pytest.mark.parametrize(
    ("pairs", "port"),
    [
        ([(b"X-Forwarded-Proto", b"https")], b"443"),
        ([(b"X-Forwarded-Proto", b"http")], b"80"),
        ([(b"X-Forwarded-Proto", b"https"), (b"X-Forwarded-Host", b"b.example:8443")], b"8443"),
        ([(b"X-Forwarded-Host", b"b.example")], b"80"),
        ([(b"X-Forwarded-Host", b"[2001:db8::1]")], b"80"),
        ([(b"X-Forwarded-For", b"192.0.2.1")], b"12345"),
    ],
)
def test_the_public_port_follows_the_public_host_and_scheme(pairs: list[Pair], port: bytes) -> None:
    assert said(request(*pairs), PROXY)[b"X-Forwarded-Port"] == port


@pytest.mark.parametrize(
    ("client", "authority", "element"),
    [
        ("2001:db8::7", b"a.example", b'for="[2001:db8::7]";host=a.example;proto=http'),
        ("203.0.113.7", b"a.example:81", b'for=203.0.113.7;host="a.example:81";proto=http'),
        ("203.0.113.7", b"[::1]", b'for=203.0.113.7;host="[::1]";proto=http'),
        ("203.0.113.7", b"", b"for=203.0.113.7;proto=http"),
        ("", b"a.example", b"for=unknown;host=a.example;proto=http"),
    ],
)
def test_rfc7239_6_ipv6_and_ports_are_quoted(client: str, authority: bytes, element: bytes) -> None:
    head = request(authority=authority)
    assert said(head, STRANGER._replace(client=client))[b"Forwarded"] == element


def test_x_forwarded_for_has_ipv6_without_brackets() -> None:
    assert said(request(), STRANGER._replace(client="2001:db8::7"))[b"X-Forwarded-For"] == b"2001:db8::7"


def test_rfc4007_11_2_a_zone_stays_here() -> None:
    pairs = said(request(), STRANGER._replace(client="fe80::1%eth0"))
    assert pairs[b"X-Real-IP"] == b"fe80::1"
    assert pairs[b"Forwarded"].startswith(b'for="[fe80::1]";')


def test_what_is_unknown_is_not_said() -> None:
    """HTTP/1.0 without Host, over a Unix socket."""
    head = request(authority=b"")
    nowhere = Arrival("", b"http", 0, trusted=False)
    assert {b"X-Forwarded-For", b"X-Real-IP", b"X-Forwarded-Host"}.isdisjoint(said(head, nowhere))
    trusted = said(head, nowhere._replace(trusted=True))
    assert {b"X-Forwarded-For", b"X-Real-IP", b"X-Forwarded-Host"}.isdisjoint(trusted)


@pytest.mark.parametrize(
    "name",
    [
        b"X-Forwarded-For",
        b"x_forwarded_for",
        b"X-Forwarded_User",
        b"REMOTE_USER",
        b"Remote-User",
        b"X_Original-URL",
        b"x-rewrite-url",
        b"X-Remote-User",
        b"X-Forwarded-Prefix",
        b"X-Forwarded-Host",
        b"X-Forwarded-Port",
        b"X-Forwarded-Proto",
        b"X-Forwarded-Email",
        b"X-Forwarded-Groups",
        b"X-Forwarded-Server",
        b"X-Forwarded-Ssl",
        b"X_Scheme",
        b"X_Real_IP",
        b"Forwarded",
        b"X_Request_Id",
        b"Proxy",
        b"X-Forwarded-Access-Token",
        b"X-Forwarded-Preferred-Username",
        b"X-Forwarded-Protocol",
    ],
)
def test_strangers_may_not_say_this_in_any_spelling(name: bytes) -> None:
    assert is_spoofable(name)


@pytest.mark.parametrize("name", [b"Host", b"X-Forwarded", b"X-User", b"Authorization", b"Via", b"X-Forwarded-For-X"])
def test_strangers_may_say_the_rest(name: bytes) -> None:
    assert not is_spoofable(name)


def test_spellings() -> None:
    assert spellings({b"a-b-c", b"d"}) == {b"a-b-c", b"a_b-c", b"a-b_c", b"a_b_c", b"d"}


def test_of_a_trusted_proxy_claims_are_kept_but_not_in_disguise() -> None:
    assert REWRITTEN.isdisjoint(CLAIMS)
    assert OURS <= REWRITTEN
    assert b"x_forwarded_user" in REWRITTEN
    assert REWRITTEN | CLAIMS == SPOOFABLE


@pytest.mark.parametrize("value", [b"a", b"0123-4567.89_Z", b"x" * 128])
def test_a_clients_request_id_is_kept(value: bytes) -> None:
    assert request_id(request((b"X-Request-Id", value))) == value


@pytest.mark.parametrize("value", [b"", b"x" * 129, b"a b", b"a\xe4", b"a;b", b"a, b", b"<a>", b"a\tb"])
def test_a_request_id_unfit_for_logs_is_not(value: bytes) -> None:
    assert request_id(request((b"X-Request-Id", value))) is None


def test_two_request_ids_are_none() -> None:
    assert request_id(request((b"X-Request-Id", b"a"), (b"X-Request-Id", b"b"))) is None
    assert request_id(request()) is None
