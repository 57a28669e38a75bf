"""A service that speaks TLS where plain HTTP is wanted: in its own words, and asked in its own language."""

from __future__ import annotations

import pytest
from twisted.logger import capturedLogs

from tests.wire import Side, Wire
from webproxy.message.parser import parse_response
from webproxy.upstream.tls import client_hello, complains, is_record

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"
ALERT = b"\x15\x03\x01\x00\x02\x02\x46"
SERVER_HELLO = b"\x16\x03\x03\x00\x7a\x02"
NAMED = b"the internal service speaks TLS, and webproxy wants its plain HTTP port"
UNNAMED = b"the internal service closed the connection without an answer"

GO = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
NGINX_TEXT = b"<title>400 The plain HTTP request was sent to HTTPS port</title>"
APACHE_TEXT = b"Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />"
TOMCAT_TEXT = b"Bad Request\r\nThis combination of host and port requires TLS.\r\n"


def closing(text: bytes) -> bytes:
    return b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text)


def test_how_tls_begins_and_http_does_not() -> None:
    assert is_record(ALERT)
    assert is_record(SERVER_HELLO)
    assert is_record(b"\x15")
    assert not is_record(b"HTTP/1.1 200 OK\r\n")
    assert not is_record(b"\x15\x05")


def test_our_hello_is_one() -> None:
    hello = client_hello()
    assert hello[0] == 0x16
    assert hello[5] == 1  # client_hello (RFC 8446 §4)
    assert int.from_bytes(hello[3:5], "big") == len(hello) - 5


@pytest.mark.parametrize(
    "answer",
    [ALERT, ALERT[:1], GO, closing(NGINX_TEXT), closing(APACHE_TEXT), closing(TOMCAT_TEXT)],
    ids=["alert", "first byte of an alert", "Go", "nginx", "Apache", "Tomcat"],
)
def test_it_is_named_by_what_it_answers(answer: bytes) -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(answer)
    assert upstream.end == "aborted"
    seen = client.sees()
    assert seen.startswith(b"HTTP/1.1 502 ")
    assert NAMED in seen
    assert wire.attempts == 0


@pytest.mark.parametrize(
    "answer",
    [
        closing(b'{"error": "model is missing"}'),
        closing(NGINX_TEXT).replace(b"Connection: close\r\n", b""),
        closing(NGINX_TEXT).replace(b" 400 Bad Request", b" 200 OK"),
    ],
    ids=["another complaint", "passed on by a service that keeps the connection", "not a complaint"],
)
def test_what_only_looks_like_it_is_passed_on(answer: bytes) -> None:
    block, _, body = answer.partition(b"\r\n\r\n")
    assert not complains(parse_response(block + b"\r\n\r\n", b"GET"), body)
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream().says(answer)
    assert client.sees().endswith(b"\r\n\r\n" + body)


def closed_without_a_word(wire: Wire) -> tuple[Side, bytes]:
    """A request whose connection is closed without an answer: the greeting that follows, and what the client got."""
    client = wire.client()
    client.says(GET)
    wire.upstream().leaves(reset=True)
    greeting = wire.upstream()
    assert is_record(greeting.sees())
    return greeting, client.sees()


def test_who_closes_without_a_word_is_asked_in_tls() -> None:
    wire = Wire()
    with capturedLogs() as events:
        greeting, seen = closed_without_a_word(wire)
        assert UNNAMED in seen
        assert repr(wire.pool.doubt) == "<Doubt asking>"
        greeting.says(SERVER_HELLO)
    assert greeting.end == "aborted"
    greeting.leaves()
    assert repr(wire.pool.doubt) == "<Doubt open confirmed>"
    assert [event["log_level"].name for event in events if "speaks TLS" in event["log_format"]] == ["error"]
    client = wire.client()
    client.says(GET)
    wire.upstream().leaves()
    assert NAMED in client.sees()
    assert wire.attempts == 0


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_plain_service_that_closed_is_not_accused(answer: bytes) -> None:
    wire = Wire()
    for _ in range(2):
        greeting, seen = closed_without_a_word(wire)
        assert UNNAMED in seen
        if answer:
            greeting.says(answer)
        greeting.leaves()
        assert repr(wire.pool.doubt) == "<Doubt open>"


def test_nor_one_that_is_gone_or_falls_silent() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream().leaves()
    wire.upstream_refuses()
    assert repr(wire.pool.doubt) == "<Doubt open>"
    greeting, _ = closed_without_a_word(wire)
    wire.passes(2)
    assert greeting.end == "aborted"
    assert repr(wire.pool.doubt) == "<Doubt open>"


def test_only_one_question_at_a_time() -> None:
    wire = Wire()
    closed_without_a_word(wire)
    wire.client().says(GET)
    wire.upstream().leaves()
    assert wire.attempts == 0


def test_who_has_answered_in_http_is_not_asked() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream().says(OK.replace(b"Date", b"Connection: close\r\nDate"))
    assert repr(wire.pool.doubt) == "<Doubt cleared>"
    client.says(GET)
    wire.upstream().leaves()
    assert wire.attempts == 0


def test_another_service_is_another_matter() -> None:
    wire = Wire()
    greeting, _ = closed_without_a_word(wire)
    greeting.says(SERVER_HELLO)
    client = wire.client()
    client.says(GET)
    wire.upstream_refuses()
    client.says(GET)
    wire.upstream().says(OK)
    assert repr(wire.pool.doubt) == "<Doubt cleared>"
