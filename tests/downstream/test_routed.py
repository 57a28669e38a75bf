"""Who has a public name takes the router's word for everything, and nobody else's."""

from __future__ import annotations

import pytest

from tests.wire import Wire
from webproxy.downstream.public_way import PublicWay
from webproxy.downstream.routed import host_in
from webproxy.downstream.trust import Trust
from webproxy.net.address import Networks
from webproxy.net.proxy_header import SIGNATURE
from webproxy.net.proxy_header_written import written

ROUTER, VISITOR, NAME = "10.0.0.2", "198.51.100.9", b"app-fox-chi.secure.example.com"
HEADER = written((VISITOR, 50000), (ROUTER, 443), authority=NAME, alpn=b"http/1.1", version="TLSv1.3")
LOCAL = SIGNATURE + b"\x20\x00\x00\x00"
GET = b"GET / HTTP/1.1\r\nHost: %b\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"
STRICT = b"Strict-Transport-Security: max-age=31536000\r\n"
WAY = PublicWay("https://app-fox-chi.secure.example.com", frozenset({ROUTER}))


def led(way: PublicWay = WAY, *, guarded: bool = False) -> Wire:
    wire = Wire()
    wire.site.guarded = guarded
    wire.site.lead(way, Trust(layer_4=Networks(way.routers)))
    return wire


@pytest.mark.parametrize("guarded", [False, True])
def test_the_router_says_who_comes_and_how(guarded: bool) -> None:
    wire = led(guarded=guarded)
    client = wire.client(ROUTER)
    client.says(HEADER + b"GET / HTTP/1.1\r\nHost: %b\r\nX-Forwarded-For: 6.6.6.6\r\n\r\n" % NAME)
    upstream = wire.upstream()
    head = upstream.sees()
    assert b"\r\nX-Forwarded-For: 198.51.100.9\r\n" in head
    assert b"\r\nX-Forwarded-Proto: https\r\n" in head
    assert b"\r\nX-Forwarded-Port: 443\r\n" in head
    upstream.says(OK)
    assert client.sees() == b"HTTP/1.1 200 OK\r\n" + STRICT + OK[17:]
    assert wire.records[0].client == VISITOR


def test_it_is_said_once_if_the_service_says_it_itself() -> None:
    wire = led()
    client = wire.client(ROUTER)
    client.says(HEADER + GET % NAME)
    own = OK[:-6] + b"\r\nstrict-transport-security: max-age=0\r\n\r\nok"
    wire.upstream().says(own)
    assert client.sees() == own


def test_the_body_is_not_taken_for_a_head() -> None:
    wire = led()
    client = wire.client(ROUTER)
    client.says(HEADER + GET % NAME)
    body = b"\r\nstrict-transport-security: x"
    wire.upstream().says(b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    assert STRICT in client.sees()


def test_answers_of_our_own_say_it_too() -> None:
    wire = led()
    client = wire.client(ROUTER)
    client.says(HEADER + GET % NAME)
    wire.upstream_refuses()
    assert client.sees().startswith(b"HTTP/1.1 502 Bad Gateway\r\n" + STRICT)


@pytest.mark.parametrize("way", [WAY._replace(hsts=False), WAY])
def test_it_is_not_said_in_clear_rfc_6797_7_2_nor_if_the_operator_does_not_want_it(way: PublicWay) -> None:
    wire = led(way)
    client = wire.client(ROUTER)
    client.says((LOCAL if way.hsts else HEADER) + GET % NAME)
    wire.upstream().says(OK)
    assert client.sees() == OK


@pytest.mark.parametrize("host", [NAME, NAME + b":443", NAME + b":8443", NAME.upper(), NAME + b".", NAME + b".:443"])
def test_the_name_may_be_written_in_several_ways(host: bytes) -> None:
    wire = led()
    client = wire.client(ROUTER)
    client.says(HEADER + GET % host)
    assert wire.upstream().sees()


@pytest.mark.parametrize("guarded", [False, True])
@pytest.mark.parametrize("host", [b"other-cat-psi.secure.example.com", b"localhost", b"app-fox-chi", b"[::1]:443"])
def test_another_name_on_a_connection_that_was_opened_for_this_is_answered_421(host: bytes, guarded: bool) -> None:
    wire = led(guarded=guarded)
    client = wire.client(ROUTER)
    client.says(HEADER + GET % NAME)
    wire.upstream().says(OK)
    client.sees()
    client.says((GET % host) * 2)
    assert client.sees().startswith(b"HTTP/1.1 421 Misdirected Request\r\n")
    assert not wire.attempts


def test_a_target_that_names_another_host_counts_rfc_9112_3_2_2() -> None:
    wire = led()
    client = wire.client(ROUTER)
    client.says(HEADER + b"GET http://other.example.com/ HTTP/1.1\r\nHost: %b\r\n\r\n" % NAME)
    assert client.sees().startswith(b"HTTP/1.1 421 ")


def test_the_router_may_ask_for_itself() -> None:
    client = led().client(ROUTER)
    client.says(LOCAL + b"OPTIONS * HTTP/1.1\r\nHost: 10.0.0.7:12345\r\nMax-Forwards: 0\r\nConnection: close\r\n\r\n")
    assert client.sees().startswith(b"HTTP/1.1 200 OK\r\n")


def test_a_router_that_does_not_say_for_whom_it_speaks_is_not_heard() -> None:
    client = led().client(ROUTER)
    client.says(GET % NAME)
    assert client.end == "aborted"


def test_a_strangers_proxy_header_is_no_request() -> None:
    wire = led()
    client = wire.client(VISITOR)
    client.says(HEADER + GET % NAME)
    assert client.sees().startswith(b"HTTP/1.1 400 ")
    assert not wire.attempts


@pytest.mark.parametrize("guarded", [False, True])
def test_who_comes_past_the_router_hears_where_to_go(guarded: bool) -> None:
    wire = led(guarded=guarded)
    client = wire.client(VISITOR)
    client.says(b"GET / HTTP/1.1\r\nHost: 10.0.0.7:12345\r\nX-Forwarded-For: 127.0.0.1\r\nAccept: text/html\r\n\r\n")
    answer = client.sees()
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"this service is at https://app-fox-chi.secure.example.com, and only there" in answer
    assert not wire.attempts


def test_until_there_is_a_name_nobody_comes_past_it_either() -> None:
    wire = led(PublicWay("", frozenset()))
    client = wire.client(VISITOR)
    client.says(GET % b"h")
    answer = client.sees()
    assert answer.startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert b"this service waits for its public https address" in answer
    assert not wire.attempts
    wire.site.lead(WAY, Trust(layer_4=Networks(WAY.routers)))
    routed = wire.client(ROUTER)
    routed.says(HEADER + GET % NAME)
    wire.upstream().says(OK)
    assert routed.sees().startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize(("way", "peer"), [(WAY, "127.0.0.1"), (WAY._replace(direct=True), VISITOR)])
@pytest.mark.parametrize("guarded", [False, True])
def test_this_machine_is_served_and_others_if_the_operator_wants(way: PublicWay, peer: str, guarded: bool) -> None:
    wire = led(way, guarded=guarded)
    client = wire.client(peer)
    client.says(GET % b"h")
    wire.upstream().says(OK)
    assert client.sees() == OK


def test_who_is_there_when_the_name_comes_finishes_what_runs_and_no_more() -> None:
    wire = Wire()
    resting, running, own = wire.client(VISITOR), wire.client(VISITOR), wire.client("127.0.0.1")
    running.says(GET % b"h")
    wire.site.lead(WAY, Trust(layer_4=Networks(WAY.routers)))
    assert resting.end == "closed"
    wire.upstream().says(OK)
    assert b"\r\nConnection: close\r\n" in running.sees()
    assert running.end == "closed"
    assert own.end == ""


def test_when_the_router_moves_its_connections_stay() -> None:
    wire = led()
    client = wire.client(ROUTER)
    client.says(HEADER + GET % NAME)
    wire.upstream().says(OK)
    client.sees()
    wire.site.lead(WAY._replace(routers=frozenset({"10.0.0.3"})), Trust(layer_4=Networks(["10.0.0.3"])))
    client.says(GET % NAME)
    assert client.end == ""


@pytest.mark.parametrize(
    ("authority", "host"), [(b"A.b", b"a.b"), (b"a.b:1", b"a.b"), (b"[::1]", b"[::1]"), (b"[::1]:8", b"[::1]")]
)
def test_a_host_is_compared_without_case_and_port(authority: bytes, host: bytes) -> None:
    assert host_in(authority) == host
