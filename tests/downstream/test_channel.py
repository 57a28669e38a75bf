"""One client connection: its requests in order, and every way in which it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface.verify import verifyObject

from tests.wire import Wire
from webproxy.downstream.limits import Limits

if TYPE_CHECKING:
    import pytest

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
