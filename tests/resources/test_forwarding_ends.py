"""Exchanges that end before they are complete, as scripts of the wire: who left, who fell silent, who failed."""

from __future__ import annotations

from tests.wire import DATE, Wire

TLS_RECORD = b"\x16\x03"
GET = b"GET /v1/models HTTP/1.1\r\nHost: gpu.example\r\n\r\n"
POST = b"POST /v1/chat HTTP/1.1\r\nHost: gpu.example\r\nContent-Length: 10\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nContent-Length: 5\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nTransfer-Encoding: chunked\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_client_that_leaves_before_the_answer_stops_upstream() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    client.leaves()
    assert upstream.end == "aborted"
    (record,) = wire.records
    assert (record.status, record.closed_by) == (499, "client")


def test_a_client_that_leaves_during_a_stream_stops_upstream() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(STREAM + b"5\r\nhello\r\n")
    client.leaves(reset=True)
    assert upstream.end == "aborted"
    assert (wire.records[0].status, wire.records[0].closed_by) == (200, "client")


def test_a_client_that_leaves_while_we_connect_costs_upstream_nothing() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    client.leaves()
    assert wire.records[0].status == 499
    assert wire.attempts == 1


def test_drain_lets_the_answer_end_unread() -> None:
    wire = Wire(on_disconnect="drain")
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(STREAM)
    client.leaves()
    assert upstream.end == ""
    upstream.says(b"5\r\nhello\r\n0\r\n\r\n")
    again = wire.client()
    again.says(GET)
    assert upstream.sees().count(b"GET ") == 2


def test_drain_gives_up_when_upstream_falls_silent() -> None:
    wire = Wire(on_disconnect="drain")
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    client.leaves()
    wire.passes(61)
    assert upstream.end == "aborted"


def test_back_pressure_from_the_client_reaches_upstream() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(STREAM)
    client.stalls()
    assert not upstream.read_from
    client.catches_up()
    assert upstream.read_from


def test_back_pressure_from_upstream_reaches_the_client() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST)
    upstream = wire.upstream()
    upstream.stalls()
    assert not client.read_from
    upstream.catches_up()
    assert client.read_from


def test_silence_before_the_head_is_504() -> None:
    wire = Wire(idle=60)
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    wire.passes(59.5)
    assert client.sees() == b""
    wire.passes(1.5)
    answer = client.sees()
    assert status(answer) == 504
    assert b"60 s" in answer
    assert upstream.end == "aborted"
    assert (wire.records[0].status, wire.records[0].closed_by) == (504, "idle")


def test_silence_after_the_head_cuts_the_connection() -> None:
    wire = Wire(idle=60)
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(STREAM)
    wire.passes(61)
    assert client.sees() == STREAM
    assert client.end == "closed"
    assert upstream.end == "aborted"
    assert wire.records[0].closed_by == "idle"


def test_a_byte_now_and_then_keeps_a_stream_alive() -> None:
    wire = Wire(idle=60)
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(STREAM)
    for _ in range(10):
        wire.passes(50)
        upstream.says(b"1\r\n.\r\n")
    assert client.end == ""


def test_an_upload_keeps_the_exchange_alive() -> None:
    wire = Wire(idle=60)
    client = wire.client()
    client.says(POST)
    upstream = wire.upstream()
    for _ in range(9):
        wire.passes(50)
        client.says(b"x")
    assert upstream.end == ""


def test_nothing_listens_upstream() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream_refuses()
    answer = client.sees()
    assert status(answer) == 502
    assert b"nothing listens on 127.0.0.1:8080" in answer
    assert client.end == ""


def test_a_service_that_may_be_starting() -> None:
    wire = Wire(wait_upstream=30.0)
    client = wire.client()
    client.says(GET)
    wire.upstream_refuses()
    answer = client.sees()
    assert status(answer) == 503
    assert b"\r\nRetry-After: 2\r\n" in answer
    wire.passes(31)
    client.says(GET)
    wire.upstream_refuses()
    assert status(client.sees()) == 502


def test_upstream_closes_without_an_answer() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream().leaves()
    assert status(client.sees()) == 502
    assert wire.upstream().sees().startswith(TLS_RECORD)  # why it closed is asked, the request is not repeated
    assert wire.attempts == 0


def test_a_rested_connection_that_closes_unseen_is_replaced_once() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    client.sees()
    client.says(GET)
    upstream.leaves(reset=True)
    second = wire.upstream()
    assert second.sees().startswith(b"GET ")
    second.leaves()
    assert status(client.sees()) == 502
    assert wire.attempts == 0


def test_what_began_to_be_answered_is_not_asked_again() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    client.sees()
    client.says(GET)
    upstream.says(b"HTTP/1.1 103 Early Hints\r\n\r\n")
    upstream.leaves(reset=True)
    assert client.sees().startswith(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 502 ")
    assert wire.attempts == 0


def test_a_post_is_never_sent_twice() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    client.sees()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
    upstream.leaves(reset=True)
    assert status(client.sees()) == 502
    assert wire.attempts == 0


def test_a_post_does_not_take_a_connection_that_rested_for_long() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    wire.passes(2)
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")
    assert wire.attempts == 1


def test_what_is_not_http_is_502() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(b"SSH-2.0-OpenSSH_9.2\r\n")
    assert status(client.sees()) == 502
    assert upstream.end == "aborted"


def test_more_than_was_announced_is_not_passed_on() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello" + OK + b"evil!")
    assert client.sees() == OK + b"hello"
    assert upstream.end == "closed"


def test_what_nobody_asked_for_is_not_an_answer() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    upstream.says(OK + b"evil!")
    assert upstream.end == "aborted"
    assert client.sees() == OK + b"hello"


def test_upstream_that_closes_after_its_answer_is_obeyed() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n") + b"hello")
    assert client.sees() == OK + b"hello"
    assert upstream.end == "closed"
    assert client.end == ""
