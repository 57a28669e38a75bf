"""How a request gets to the internal service, and who is to blame when it does not get on."""

from __future__ import annotations

import pytest

from tests.wire import DATE, Side, Wire

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: " + DATE + b"\r\nContent-Length: 5\r\n\r\nhello"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_its_state_is_readable() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream()
    assert "over <Connection asked" in repr(client.protocol.request.responder)


def test_a_body_that_waited_stalls_upstream_as_any_other_does() -> None:
    """What has come in before upstream was there goes out at once, and may be too much at once."""
    wire = Wire()
    client = wire.client()
    client.says(POST + b"x" * 100_000)
    assert not client.read_from
    upstream = wire.upstream(room=50_000)
    assert upstream.sees().endswith(b"x" * 100_000)
    assert not client.read_from
    upstream.catches_up()
    assert client.read_from


def test_upstream_that_stalls_until_the_end_of_the_exchange_costs_the_client_no_further_one() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n")
    upstream = wire.upstream()
    client.says(b"hello")
    upstream.stalls()
    assert not client.read_from
    upstream.says(OK)
    assert client.read_from
    assert upstream.end == "aborted"  # it has our bytes yet to take: not a connection for anyone else
    client.says(GET)
    wire.upstream().says(OK)
    assert client.sees() == OK * 2


def silent(data: bytes) -> tuple[Wire, Side, Side]:
    """An exchange in which nobody says any more."""
    wire = Wire(idle=20)
    client = wire.client()
    client.says(data)
    return wire, client, wire.upstream()


def test_rfc9110_15_5_9_a_client_that_falls_silent_amid_its_body_is_to_blame_itself() -> None:
    wire, client, upstream = silent(POST + b"x")
    wire.passes(21)
    answer = client.sees()
    assert status(answer) == 408
    assert b"the client announced a body and sent nothing more of it for 20 s" in answer
    assert b"\r\nConnection: close\r\n" in answer
    assert client.end == "finished"
    assert upstream.end == "aborted"
    assert (wire.records[0].status, wire.records[0].closed_by) == (408, "idle")


def test_rfc9110_15_6_5_upstream_that_takes_no_more_of_a_body_is_to_blame() -> None:
    wire, client, upstream = silent(POST + b"x")
    upstream.stalls()
    wire.passes(21)
    answer = client.sees()
    assert status(answer) == 504
    assert b"took nothing more of the request's body for 20 s" in answer


@pytest.mark.parametrize("body", [b"", b"Expect: 100-continue\r\nContent-Length: 10\r\n"])
def test_rfc9110_15_6_5_upstream_that_does_not_answer_is_to_blame(body: bytes) -> None:
    wire, client, _ = silent(GET[:-2] + body + b"\r\n")
    wire.passes(21)
    answer = client.sees()
    assert status(answer) == 504
    assert b"took the request but sent nothing for 20 s" in answer


def test_rfc9110_15_6_5_upstream_that_takes_no_connection_is_to_blame() -> None:
    wire = Wire(idle=5)
    client = wire.client()
    client.says(GET)
    wire.passes(6)
    answer = client.sees()
    assert status(answer) == 504
    assert b"took no connection for 5 s" in answer
