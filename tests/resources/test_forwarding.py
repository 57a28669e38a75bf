"""Exchanges, as scripts of the wire."""

from __future__ import annotations

import pytest

from tests.wire import DATE, Wire

GET = b"GET /v1/models HTTP/1.1\r\nHost: gpu.example\r\n\r\n"
POST = b"POST /v1/chat HTTP/1.1\r\nHost: gpu.example\r\nContent-Length: 10\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nContent-Length: 5\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nTransfer-Encoding: chunked\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_request_and_its_answer() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    asked = upstream.sees()
    assert asked.startswith(b"GET /v1/models HTTP/1.1\r\n")
    assert b"\r\nHost: gpu.example\r\n" in asked
    assert b"\r\nX-Forwarded-For: 203.0.113.7\r\n" in asked
    assert asked.count(b"\r\nX-Request-Id: ") == 1
    assert asked.endswith(b"\r\n\r\n")
    upstream.says(OK + b"hello")
    assert client.sees() == OK + b"hello"
    assert client.end == upstream.end == ""
    (record,) = wire.records
    assert (record.status, record.closed_by, record.client) == (200, "", "203.0.113.7")
    assert record.sent == len(OK) + 5
    assert record.asked is not None
    assert record.first_byte is not None
    assert record.answered is not None
    assert record.started <= record.asked <= record.first_byte <= record.answered <= record.ended


def test_both_connections_are_used_again() -> None:
    wire = Wire()
    client = wire.client()
    for _ in range(3):
        client.says(GET)
        if not wire.records:
            upstream = wire.upstream()
        assert upstream.sees().startswith(b"GET ")
        upstream.says(OK + b"hello")
        assert client.sees() == OK + b"hello"
    assert wire.attempts == 0
    assert len({record.id for record in wire.records}) == 3


def test_pipelined_requests_are_answered_in_order_one_at_a_time() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET.replace(b"models", b"1") + GET.replace(b"models", b"2"))
    upstream = wire.upstream()
    first = upstream.sees()
    assert b"/v1/1 " in first
    assert b"/v1/2 " not in first
    upstream.says(OK + b"first")
    assert b"/v1/2 " in upstream.sees()
    upstream.says(OK + b"secnd")
    assert client.sees() == OK + b"first" + OK + b"secnd"


def test_a_head_in_single_bytes() -> None:
    wire = Wire()
    client = wire.client()
    for index in range(len(GET)):
        client.says(GET[index : index + 1])
    upstream = wire.upstream()
    assert upstream.sees().startswith(b"GET /v1/models HTTP/1.1\r\n")
    answer = OK + b"hello"
    for index in range(len(answer)):
        upstream.says(answer[index : index + 1])
    assert client.sees() == answer


def test_the_body_follows_the_head_as_it_comes() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST + b"12345")
    upstream = wire.upstream()
    assert upstream.sees().endswith(b"\r\n\r\n12345")
    client.says(b"678")
    assert upstream.sees() == b"678"
    client.says(b"90" + GET)
    assert upstream.sees() == b"90"
    upstream.says(OK + b"hello")
    assert client.sees() == OK + b"hello"
    assert wire.records[0].received == 10
    assert upstream.sees().startswith(b"GET /v1/models ")


def test_a_chunked_body_passes_as_it_came() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    upstream = wire.upstream()
    head = upstream.sees()
    assert b"\r\nTransfer-Encoding: chunked\r\n" in head
    client.says(b"5\r\nhel")
    client.says(b"lo\r\n0\r\n\r\n")
    assert upstream.sees() == b"5\r\nhello\r\n0\r\n\r\n"
    upstream.says(OK + b"hello")
    assert client.sees() == OK + b"hello"
    assert client.end == ""


def test_a_malformed_chunk_is_the_clients_fault_and_stops_upstream() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
    upstream = wire.upstream()
    client.says(b"zz\r\n")
    assert status(client.sees()) == 400
    assert upstream.end == "aborted"
    assert client.end == "finished"


def test_a_stream_passes_event_by_event() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(STREAM)
    assert client.sees() == STREAM
    for piece in (b"5\r\nevent\r\n", b"4\r\nmore\r\n", b"0\r\n\r\n"):
        upstream.says(piece)
        assert client.sees() == piece
    assert wire.records[0].closed_by == ""
    assert client.end == upstream.end == ""


def test_a_chunked_answer_is_decoded_for_http_1_0() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"GET / HTTP/1.0\r\nHost: h\r\n\r\n")
    upstream = wire.upstream()
    upstream.says(STREAM + b"5\r\nhello\r\n")
    answer = client.sees()
    assert b"Transfer-Encoding" not in answer
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\nhello")
    upstream.says(b"1\r\n!\r\n0\r\n\r\n")
    assert client.sees() == b"!"
    assert client.end == "closed"


def test_an_until_close_answer_ends_with_the_connection() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\n\r\nsome")
    upstream.says(b"thing")
    answer = client.sees()
    assert b"\r\nConnection: close\r\n" in answer
    assert answer.endswith(b"\r\n\r\nsomething")
    upstream.leaves()
    assert client.end == "closed"
    assert wire.records[0].closed_by == ""


def test_an_until_close_answer_that_is_reset_is_no_success() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(b"HTTP/1.1 200 OK\r\n\r\nsome")
    upstream.leaves(reset=True)
    assert client.end == "aborted"
    assert wire.records[0].closed_by == "upstream"


@pytest.mark.parametrize("answer", [OK + b"hel", STREAM + b"5\r\nhel"])
def test_a_truncated_answer_is_never_made_to_look_complete(answer: bytes) -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(answer)
    upstream.leaves()
    assert client.sees() == answer
    assert client.end == "closed"
    assert wire.records[0].closed_by == "upstream"


def test_interim_answers_pass() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n"))
    upstream = wire.upstream()
    assert b"\r\nExpect: 100-continue\r\n" in upstream.sees()
    upstream.says(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert client.sees() == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.says(b"1234567890")
    assert upstream.sees() == b"1234567890"
    upstream.says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"hello")
    assert client.sees() == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"hello"


def test_interim_answers_without_end_are_refused() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
    assert status(client.sees().rpartition(b"HTTP/1.1 502")[1] + b" ") == 502
    assert upstream.end == "aborted"


def test_an_early_answer_reaches_a_client_that_still_uploads() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST.replace(b"10", b"10000000"))
    upstream = wire.upstream()
    upstream.says(OK.replace(b"200 OK", b"413 Content Too Large") + b"large")
    assert status(client.sees()) == 413
    assert upstream.end == "aborted"
    assert client.end == "finished"
    client.says(b"x" * 1000)
    assert wire.records[0].status == 413


def test_the_small_rest_of_an_unwanted_body_is_thrown_away_and_the_connection_kept() -> None:
    wire = Wire()
    client = wire.client()
    client.says(POST + b"1234")
    upstream = wire.upstream()
    upstream.says(OK + b"hello")
    assert client.sees() == OK + b"hello"
    assert client.end == ""
    client.says(b"567890" + GET)
    assert wire.upstream().sees().startswith(b"GET ")


def test_head_has_no_body_whatever_its_length_says() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET.replace(b"GET", b"HEAD"))
    upstream = wire.upstream()
    assert upstream.sees().startswith(b"HEAD ")
    upstream.says(OK)
    assert client.sees() == OK
    client.says(GET)
    assert upstream.sees().startswith(b"GET ")


def test_a_connection_upgraded_by_101_is_a_tunnel() -> None:
    wire = Wire(idle=1.0)
    client = wire.client()
    client.says(
        b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nearly"
    )
    upstream = wire.upstream()
    asked = upstream.sees()
    assert b"\r\nUpgrade: websocket\r\n" in asked
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    upstream.says(switch + b"frame")
    assert client.sees() == switch + b"frame"
    assert upstream.sees() == b"early"
    wire.passes(100)
    client.says(b"ping")
    assert upstream.sees() == b"ping"
    upstream.says(b"pong")
    assert client.sees() == b"pong"
    upstream.leaves()
    assert client.end == "finished"


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
