"""How what breaks the rules is turned away: in whose words, and with which fields."""

from __future__ import annotations

import pytest

from tests.wire import Wire


@pytest.mark.parametrize(
    ("data", "shape"),
    [
        (b"GET /a b HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n", b"text/html; charset=utf-8"),
        (b"POST /v1/chat HTTP/1.1\r\n\r\n", b"application/json"),
        (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", b"text/plain; charset=utf-8"),
    ],
)
def test_a_refused_head_is_answered_in_a_shape_its_sender_reads(data: bytes, shape: bytes) -> None:
    client = Wire().client()
    client.says(data)
    assert b"\r\nContent-Type: " + shape + b"\r\n" in client.sees()


def test_a_refused_head_request_gets_no_body_rfc_9110_9_3_2() -> None:
    client = Wire().client()
    client.says(b"HEAD / HTTP/1.1\r\n\r\n")
    assert client.sees().endswith(b"\r\n\r\n")


def test_a_405_says_what_is_allowed_rfc_9110_15_5_6() -> None:
    client = Wire().client()
    client.says(b"CONNECT a.example:443 HTTP/1.1\r\nHost: h\r\n\r\n")
    assert b"\r\nAllow: GET, HEAD, " in client.sees()
