"""Requests that ask for a WebSocket: refused, answered, or joined."""

from __future__ import annotations

import pytest

from tests.handshake import ASK, SWITCH
from tests.scripted import status
from tests.wire import Wire

REFUSAL = b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"


def test_rfc6455_4_2_1_a_handshake_without_a_key_is_400_and_upstream_hears_nothing() -> None:
    wire = Wire()
    client = wire.client()
    client.says(ASK.replace(b"Sec-WebSocket-Key", b"X-Key"))
    answer = client.sees()
    assert status(answer) == 400
    assert b"RFC 6455 section 4.2.1" in answer
    assert wire.attempts == 0
    assert wire.records[0].closed_by == "client"


def test_rfc6455_4_4_another_version_learns_the_right_one() -> None:
    wire = Wire()
    client = wire.client()
    client.says(ASK.replace(b"13", b"12"))
    answer = client.sees()
    assert status(answer) == 426
    assert b"\r\nSec-WebSocket-Version: 13\r\n" in answer
    assert b"\r\nUpgrade: websocket\r\n" in answer


def test_a_refusal_by_upstream_is_the_answer() -> None:
    wire = Wire()
    client = wire.client()
    client.says(ASK)
    upstream = wire.upstream()
    upstream.says(REFUSAL)
    answer = client.sees()
    assert status(answer) == 404
    assert answer.endswith(b"\r\n\r\nno")
    assert (client.end, upstream.end) == ("", "")


@pytest.mark.parametrize("accept", [b"", b"Sec-WebSocket-Accept: dGhlIHNhbXBsZSBub25jZQ==\r\n"])
def test_rfc6455_4_1_an_unproved_101_is_502(accept: bytes) -> None:
    wire = Wire()
    client = wire.client()
    client.says(ASK)
    upstream = wire.upstream()
    upstream.says(SWITCH.partition(b"Sec-")[0] + accept + b"\r\nframe")
    answer = client.sees()
    assert status(answer) == 502
    assert b"frame" not in answer
    assert upstream.end == "aborted"


def test_a_client_that_left_meanwhile_is_joined_to_nobody() -> None:
    wire = Wire()
    client = wire.client()
    client.says(ASK)
    upstream = wire.upstream()
    client.leaves()
    upstream.says(SWITCH)
    assert upstream.end == "aborted"
    assert wire.records[0].status == 499
