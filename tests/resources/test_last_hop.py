"""We are the final recipient of what may not go any further (RFC 9110 §7.6.2)."""

from __future__ import annotations

import pytest

from tests.wire import DATE, Wire

ALLOW = b"Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"


def asking(method: bytes, *lines: bytes) -> bytes:
    return method + b" / HTTP/1.1\r\nHost: gpu.example\r\n" + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


@pytest.mark.parametrize("target", [b"/", b"*"])
def test_options_says_what_we_forward_rfc_9110_9_3_7(target: bytes) -> None:
    wire = Wire()
    client = wire.client()
    request = asking(b"OPTIONS", b"Max-Forwards: 0", b"X-Request-Id: mine").replace(b" / ", b" %b " % target)
    client.says(request)
    assert client.sees() == (
        b"HTTP/1.1 200 OK\r\n" + ALLOW + b"Content-Length: 0\r\nX-Request-Id: mine\r\nDate: " + DATE + b"\r\n\r\n"
    )
    assert wire.attempts == 0
    assert wire.records[0].status == 200
    client.says(request)
    assert client.sees().startswith(b"HTTP/1.1 200 OK\r\n")


def test_trace_is_refused_and_reflects_nothing_rfc_9110_9_3_8() -> None:
    wire = Wire()
    client = wire.client()
    client.says(asking(b"TRACE", b"Max-Forwards: 0", b"Cookie: secret"))
    seen = client.sees()
    assert seen.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert ALLOW in seen  # a 405 must say it (§15.5.6)
    assert b"secret" not in seen
    assert wire.attempts == 0


def test_a_body_that_nobody_wants_does_not_harm_the_next_request() -> None:
    wire = Wire()
    client = wire.client()
    client.says(asking(b"OPTIONS", b"Max-Forwards: 0", b"Content-Length: 5") + b"hello" + asking(b"GET"))
    assert client.sees().startswith(b"HTTP/1.1 200 OK\r\nAllow: ")
    assert wire.upstream().sees().startswith(b"GET / HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("method", "sent", "seen"),
    [
        (b"OPTIONS", b"Max-Forwards: 5", b"Max-Forwards: 4"),
        (b"TRACE", b"Max-Forwards: 1", b"Max-Forwards: 0"),
        (b"GET", b"Max-Forwards: 0", b"Max-Forwards: 0"),
    ],
)
def test_what_may_go_further_does(method: bytes, sent: bytes, seen: bytes) -> None:
    wire = Wire()
    wire.client().says(asking(method, sent))
    assert b"\r\n" + seen + b"\r\n" in wire.upstream().sees()
