"""One client connection: its requests in order, and every way in which it ends."""

from __future__ import annotations

import pytest
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface.verify import verifyObject

from tests.wire import Wire
from webproxy.downstream.limits import Limits

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_it_is_what_transports_expect() -> None:
    channel = Wire().client().protocol
    verifyObject(IProtocol, channel)
    verifyObject(IPushProducer, channel)
    channel.stopProducing()


def test_its_state_is_readable() -> None:
    wire = Wire()
    client = wire.client("2001:db8::1")
    assert "2001:db8::1 idle" in repr(client.protocol)
    client.says(b"GET")
    assert " head " in repr(client.protocol)
    client.says(GET[3:])
    assert " exchange " in repr(client.protocol)
    wire.upstream_refuses()
    wire.site.drain()
    assert " deaf " in repr(client.protocol)


def test_an_ipv4_client_on_an_ipv6_socket_has_its_ipv4_address() -> None:
    assert Wire().client("::ffff:203.0.113.9").protocol.client == "203.0.113.9"


def test_http_1_0_without_keep_alive_closes() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"GET / HTTP/1.0\r\nHost: h\r\n\r\n")
    wire.upstream().says(OK)
    assert b"\r\nConnection: close\r\n" in client.sees()
    assert client.end == "closed"


def test_connection_close_is_obeyed() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET[:-2] + b"Connection: close\r\n\r\n" + GET)
    upstream = wire.upstream()
    upstream.says(OK)
    assert b"\r\nConnection: close\r\n" in client.sees()
    assert client.end == "closed"
    assert upstream.sees().count(b"GET ") == 1


def test_a_client_that_lingers_is_listened_to_for_a_bounded_time_rfc_9112_9_6() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST)
    wire.upstream().says(OK)
    assert client.end == "finished"
    client.says(b"x" * 1000)
    wire.passes(4.5)
    assert client.end == "finished"
    wire.passes(1.5)
    assert client.end == "aborted"


def test_a_client_that_lingers_is_listened_to_for_a_bounded_amount_rfc_9112_9_6() -> None:
    wire = Wire(limits=Limits(linger=1000))
    client = wire.client()
    client.says(POST)
    wire.upstream().says(OK)
    client.says(b"x" * 1000)
    assert client.end == "finished"
    client.says(b"x")
    assert client.end == "aborted"


def test_a_body_held_back_by_expect_is_not_waited_for() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n")
    wire.upstream().says(OK.replace(b"200 OK", b"417 Expectation Failed"))
    assert status(client.sees()) == 417
    assert client.end == "finished"


def test_drain_closes_what_rests_at_once() -> None:
    wire = Wire()
    client = wire.client()
    wire.site.drain()
    assert client.end == "closed"


def test_drain_lets_what_runs_end_and_says_so_to_the_client() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.site.drain()
    assert client.end == ""
    wire.upstream().says(OK)
    assert b"\r\nConnection: close\r\n" in client.sees()
    assert client.end == "closed"


def test_drain_of_what_is_closing_changes_nothing() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST)
    wire.upstream().says(OK)
    wire.site.drain()
    assert client.end == "finished"


def test_a_closing_connection_that_nobody_reads_is_cut() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET[:-2] + b"Connection: close\r\n\r\n")
    wire.upstream().says(OK)
    wire.passes(61)
    assert client.end == "aborted"


def test_a_slow_reader_is_not_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK[:-1])
    client.stalls()
    pending = iter([3000, 2000, 1000, 1000])
    monkeypatch.setattr("webproxy.downstream.channel.unsent", lambda _: next(pending))
    wire.passes(61 * 3)
    assert client.end == ""
    wire.passes(61)
    assert client.end == "closed"
    assert upstream.end == "aborted"


def test_a_malformed_body_after_the_answer_began_resets_the_client() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    upstream = wire.upstream()
    upstream.says(OK[:-1])
    client.says(b"zz\r\n")
    assert client.end == "aborted"
    assert upstream.end == "aborted"
    assert wire.records[0].closed_by == "client"


def test_a_stall_without_a_request_concerns_nobody() -> None:
    client = Wire().client()
    client.stalls()
    client.catches_up()
    assert client.end == ""


GATE = "10.0.0.9"
V1 = b"PROXY TCP4 203.0.113.7 10.0.0.1 51000 443\r\n"


def said(asked: bytes, name: bytes) -> bytes:
    return asked.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0]


@pytest.mark.parametrize("step", [1, 1000])
def test_a_layer_4_peer_says_for_whom_it_speaks(step: int) -> None:
    wire = Wire(layer_4=[GATE])
    client = wire.client(GATE)
    data = V1 + GET
    for at in range(0, len(data), step):
        client.says(data[at : at + step])
    asked = wire.upstream().sees()
    assert said(asked, b"X-Forwarded-For") == b"203.0.113.7"
    assert said(asked, b"X-Forwarded-Port") == b"443"
    assert client.protocol.client == "203.0.113.7"


def test_it_says_so_once_for_all_requests_of_its_connection() -> None:
    wire = Wire(layer_4=[GATE])
    client = wire.client(GATE)
    client.says(V1 + GET)
    upstream = wire.upstream()
    upstream.says(OK)
    client.says(V1 + GET)
    assert status(client.sees()[len(OK) :]) == 400


def test_tls_at_the_edge_is_https_to_the_service() -> None:
    wire = Wire(layer_4=[GATE])
    tls = b"\x20\x00\x05\x01\0\0\0\0"
    addresses = bytes((203, 0, 113, 7, 10, 0, 0, 1)) + (51000).to_bytes(2, "big") + (443).to_bytes(2, "big")
    body = addresses + tls
    client = wire.client(GATE)
    client.says(b"\r\n\r\n\x00\r\nQUIT\n\x21\x11" + len(body).to_bytes(2, "big") + body + GET)
    asked = wire.upstream().sees()
    assert said(asked, b"X-Forwarded-Proto") == b"https"
    assert said(asked, b"X-Forwarded-For") == b"203.0.113.7"


def test_a_layer_4_peer_that_does_not_say_is_cut() -> None:
    wire = Wire(layer_4=[GATE])
    client = wire.client(GATE)
    client.says(GET)
    assert client.end == "aborted"
    assert client.sees() == b""
    assert wire.attempts == 0
    assert wire.records[0].note == "a PROXY header is required here"


def test_a_layer_4_peer_that_says_nothing_is_not_waited_for() -> None:
    wire = Wire(layer_4=[GATE])
    client = wire.client(GATE)
    client.says(b"PROXY ")
    wire.passes(16)
    assert status(client.sees()) == 408


@pytest.mark.parametrize("header", [V1, b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12)])
def test_a_strangers_proxy_header_is_400(header: bytes) -> None:
    wire = Wire(layer_4=[GATE])
    client = wire.client("10.0.0.8")
    client.says(header + GET)
    assert status(client.sees()) == 400
    assert wire.attempts == 0


def test_a_layer_4_peer_may_speak_for_itself() -> None:
    wire = Wire(layer_4=[GATE])
    client = wire.client(GATE)
    client.says(b"PROXY UNKNOWN\r\n" + GET)
    assert said(wire.upstream().sees(), b"X-Forwarded-For") == GATE.encode()


def test_clients_behind_a_layer_4_peer_are_counted_each_for_themselves() -> None:
    wire = Wire(layer_4=[GATE], limits=Limits(connections_per_address=1))
    clients = [wire.client(GATE) for _ in range(3)]
    for client, last in zip(clients, (b"7", b"8", b"8"), strict=True):
        client.says(V1.replace(b"113.7", b"113." + last) + GET)
    assert [client.sees()[:13] for client in clients] == [b"", b"", b"HTTP/1.1 429 "]
    clients[1].leaves()
    again = wire.client(GATE)
    again.says(V1.replace(b"113.7", b"113.8") + GET)
    assert again.sees() == b""


FORGED = b"X-Forwarded-For: 1.2.3.4\r\nX-Forwarded-User: root\r\nX-Forwarded-Proto: https\r\n"


def test_what_a_stranger_claims_changes_nothing() -> None:
    wire = Wire(trusted=[GATE])
    client = wire.client()
    client.says(GET[:-2] + FORGED + b"\r\n")
    upstream = wire.upstream()
    asked = upstream.sees()
    assert said(asked, b"X-Forwarded-For") == b"203.0.113.7"
    assert said(asked, b"X-Forwarded-Proto") == b"http"
    assert b"root" not in asked
    upstream.says(OK)
    assert wire.records[0].client == "203.0.113.7"


def test_what_a_trusted_proxy_says_is_kept_and_extended() -> None:
    wire = Wire(trusted=[GATE])
    client = wire.client(GATE)
    client.says(GET[:-2] + FORGED + b"\r\n")
    upstream = wire.upstream()
    asked = upstream.sees()
    assert said(asked, b"X-Forwarded-For") == b"1.2.3.4, " + GATE.encode()
    assert said(asked, b"X-Forwarded-Proto") == b"https"
    assert said(asked, b"X-Forwarded-User") == b"root"
    upstream.says(OK)
    assert wire.records[0].client == "1.2.3.4"


def test_trust_follows_the_address_that_a_proxy_header_carries() -> None:
    wire = Wire(layer_4=[GATE], trusted=["203.0.113.7"])
    client = wire.client(GATE)
    client.says(V1 + GET[:-2] + FORGED + b"\r\n")
    assert said(wire.upstream().sees(), b"X-Forwarded-For") == b"1.2.3.4, 203.0.113.7"
    wire = Wire(layer_4=[GATE], trusted=[GATE])
    client = wire.client(GATE)
    client.says(V1 + GET[:-2] + FORGED + b"\r\n")
    assert said(wire.upstream().sees(), b"X-Forwarded-For") == b"203.0.113.7"
