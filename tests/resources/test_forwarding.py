"""Exchanges, as scripts of the wire."""

from __future__ import annotations

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
