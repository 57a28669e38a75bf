"""Bodies that are too large or too slow, as scripts of the wire."""

from __future__ import annotations

from tests.handshake import ASK, SWITCH
from tests.wire import Wire
from webproxy.downstream.limits import Limits

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_an_announced_body_above_the_limit_is_413_rfc_9110_15_5_14() -> None:
    wire = Wire(limits=Limits(body=100))
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 101\r\n\r\n")
    assert status(client.sees()) == 413
    assert client.end == "finished"
    assert wire.attempts == 0


def test_a_chunked_body_above_the_limit_is_413_as_soon_as_it_is() -> None:
    wire = Wire(limits=Limits(body=100))
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    upstream = wire.upstream()
    client.says(b"50\r\n" + b"x" * 80 + b"\r\n")
    assert client.end == ""
    client.says(b"50\r\n" + b"x" * 80 + b"\r\n")
    assert status(client.sees()) == 413
    assert upstream.end == "aborted"


def test_a_body_of_exactly_the_limit_passes() -> None:
    wire = Wire(limits=Limits(body=5))
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12345")
    assert wire.upstream().sees().endswith(b"12345")


def test_an_upload_that_keeps_us_on_purpose_is_408() -> None:
    wire = Wire(limits=Limits(upload_rate=100, upload_grace=30))
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
    upstream = wire.upstream()
    for _ in range(29):
        client.says(b"x")
        wire.passes(1)
    assert client.end == ""
    wire.passes(2)
    client.says(b"x")
    assert status(client.sees()) == 408
    assert upstream.end == "aborted"


def test_an_upload_that_upstream_keeps_waiting_is_not_blamed() -> None:
    wire = Wire(limits=Limits(upload_rate=100, upload_grace=30), idle=600)
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
    wire.passes(60)
    upstream = wire.upstream()
    upstream.sees()
    client.says(b"x" * 1000)
    upstream.stalls()
    wire.passes(60)
    upstream.catches_up()
    client.says(b"x" * 1000)
    assert client.end == ""
    assert upstream.sees() == b"x" * 2000
    wire.passes(31)
    client.says(b"x")
    assert status(client.sees()) == 408


def test_what_comes_through_a_tunnel_is_no_upload() -> None:
    wire = Wire(limits=Limits(body=100, upload_rate=100, upload_grace=30))
    client = wire.client()
    client.says(ASK)
    upstream = wire.upstream()
    upstream.says(SWITCH)
    upstream.sees()
    client.says(b"x" * 200)
    wire.passes(60)
    client.says(b"x")
    assert upstream.sees() == b"x" * 201
    assert client.end == ""


def test_an_upload_that_is_fast_enough_goes_on() -> None:
    wire = Wire(limits=Limits(upload_rate=100, upload_grace=30))
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
    wire.upstream()
    for _ in range(60):
        client.says(b"x" * 200)
        wire.passes(1)
    assert client.end == ""
