"""Where bodies and answers end, as scripts of the wire."""

from __future__ import annotations

import pytest

from tests.handshake import ASK, SWITCH
from tests.wire import DATE, Wire

GET = b"GET /v1/models HTTP/1.1\r\nHost: gpu.example\r\n\r\n"
POST = b"POST /v1/chat HTTP/1.1\r\nHost: gpu.example\r\nContent-Length: 10\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nContent-Length: 5\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nTransfer-Encoding: chunked\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


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
    client.says(ASK + b"early")
    upstream = wire.upstream()
    asked = upstream.sees()
    assert b"\r\nUpgrade: websocket\r\n" in asked
    upstream.says(SWITCH + b"frame")
    assert client.sees() == SWITCH + b"frame"
    assert upstream.sees() == b"early"
    wire.passes(100)
    client.says(b"ping")
    assert upstream.sees() == b"ping"
    upstream.says(b"pong")
    assert client.sees() == b"pong"
    upstream.leaves()
    assert client.end == "closed"


def test_rfc9110_7_8_a_101_that_nobody_asked_for_is_502() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(SWITCH + b"frame")
    answer = client.sees()
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert b"frame" not in answer
    assert upstream.end == "aborted"
    client.says(GET)
    wire.upstream().says(OK + b"hello")
    assert client.sees() == OK + b"hello"


def test_a_client_that_leaves_its_tunnel_takes_upstream_along_even_if_answers_may_drain() -> None:
    wire = Wire(on_disconnect="drain")
    client = wire.client()
    client.says(ASK)
    upstream = wire.upstream()
    upstream.says(SWITCH)
    client.leaves()
    assert upstream.end == "closed"
    assert upstream.transport.ended_well


def test_rfc9110_6_6_1_the_date_that_we_add_is_never_an_old_one() -> None:
    wire = Wire()
    client = wire.client()
    bare = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    client.says(GET)
    upstream = wire.upstream()
    for second in (b"52", b"53", b"54"):
        upstream.says(bare)
        assert client.sees() == bare[:-2] + b"Date: Sun, 22 Nov 2026 21:13:" + second + b" GMT\r\n\r\n"
        wire.wall += 1
        client.says(GET)


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked", b"Connection: X\r\nX: 1"])
def test_rfc9110_8_6_an_interim_answer_frames_no_body_and_keeps_its_hop_to_itself(framing: bytes) -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n" + framing + b"\r\n\r\n" + OK + b"hello")
    assert client.sees() == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK + b"hello"
