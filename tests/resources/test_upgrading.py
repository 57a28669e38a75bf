"""Requests that ask for a WebSocket: refused, answered, or joined."""

from __future__ import annotations

import pytest

from tests.handshake import ASK, SWITCH
from tests.scripted import Scripted, policed, status
from tests.wire import Wire
from webproxy.policy import Verdict
from webproxy.websocket.bridge import Bridge
from webproxy.websocket.tunnel import Tunnel

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


@pytest.mark.parametrize(("wanted", "kind"), [(True, Bridge), (False, Tunnel)])
def test_a_policys_verdict_on_the_request_decides_the_mode(wanted: bool, kind: type) -> None:
    heard: list[object] = []
    wire, client = policed(Scripted(Verdict(frames=wanted), heard=heard))
    client.says(ASK)
    wire.upstream().says(SWITCH)
    assert type(client.protocol.successor) is kind
    assert heard == [("tunnel", "/ws")]


def test_on_the_answer_it_comes_too_late() -> None:
    wire, client = policed(Scripted(response=Verdict(frames=True)))
    client.says(ASK)
    wire.upstream().says(SWITCH)
    assert type(client.protocol.successor) is Tunnel


OFFER = b"Sec-WebSocket-Extensions: x-own, permessage-deflate; client_max_window_bits\r\n"


@pytest.mark.parametrize("agreed", [b"", b"Sec-WebSocket-Extensions: permessage-deflate\r\n"])
def test_in_frames_each_side_has_an_agreement_of_its_own(agreed: bytes) -> None:
    wire = Wire(terms={"mode": "frames"})
    client = wire.client()
    client.says(ASK[:-2] + OFFER + b"\r\n")
    upstream = wire.upstream()
    asked = upstream.sees()
    assert asked.count(b"Sec-WebSocket-Extensions: ") == 1
    assert b"x-own" not in asked
    assert b"; server_no_context_takeover" in asked
    upstream.says(SWITCH[:-2] + agreed + b"\r\n")
    told = client.sees()
    assert told.startswith(b"HTTP/1.1 101 ")
    assert (b"permessage-deflate; client_no_context_takeover" in told) is bool(agreed)


def test_in_frames_a_service_is_offered_nothing_when_the_client_offers_nothing_that_can_be_read() -> None:
    wire = Wire(terms={"mode": "frames"})
    client = wire.client()
    client.says(ASK[:-2] + b"Sec-WebSocket-Extensions: x-own\r\n\r\n")
    assert b"Sec-WebSocket-Extensions" not in wire.upstream().sees()
