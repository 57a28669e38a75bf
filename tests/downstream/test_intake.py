"""What comes in: heads in any portion, limits, what waits and what is refused."""

from __future__ import annotations

import pytest

from tests.kept import kept_by
from tests.wire import Wire
from webproxy.downstream.limits import Limits

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("before", [b"\r\n", b"\r\n\r\n", b"\r\n" * 5])
def test_empty_lines_before_a_request_are_ignored_rfc_9112_2_2(before: bytes) -> None:
    wire = Wire()
    client = wire.client()
    client.says(before + GET)
    assert wire.upstream().sees().startswith(b"GET / ")


def test_an_empty_line_in_two_portions() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"\r")
    client.says(b"\n" + GET)
    assert wire.upstream().sees().startswith(b"GET / ")


def test_bare_lf_is_refused_at_once_rfc_9112_2_2() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"GET / HTTP/1.1\nHost: h\n\n")
    assert status(client.sees()) == 400
    assert client.end == "finished"
    assert wire.attempts == 0


@pytest.mark.parametrize("step", [1000, 65530])
def test_a_head_larger_than_64_kib_is_431_rfc_6585_5(step: int) -> None:
    wire = Wire()
    client = wire.client()
    data = GET[:-2] + b"X: " + b"x" * 70000
    for at in range(0, len(data), step):
        if client.end:
            break
        client.says(data[at : at + step])
    assert status(client.sees()) == 431
    assert client.end == "finished"


def test_a_complete_head_larger_than_64_kib_is_431() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET[:-2] + b"X: " + b"x" * 70000 + b"\r\n\r\n")
    assert status(client.sees()) == 431


def test_behind_what_was_refused_nothing_is_read() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"GET / HTTP/1.1\r\n\r\n" + GET)
    assert client.sees().count(b"HTTP/1.1 ") == 1
    client.says(GET)
    assert client.sees() == b""
    assert wire.attempts == 0
    assert (wire.records[0].status, wire.records[0].closed_by) == (400, "client")


def test_a_slow_head_is_408_counted_from_its_first_byte() -> None:
    wire = Wire()
    client = wire.client()
    for byte in GET[:14]:
        wire.passes(1)
        client.says(bytes([byte]))
    assert client.end == ""
    wire.passes(2.5)
    assert status(client.sees()) == 408
    assert client.end == "finished"


def test_a_head_that_begins_late_has_all_its_time() -> None:
    wire = Wire()
    client = wire.client()
    wire.passes(74)
    client.says(GET[:10])
    wire.passes(14)
    assert client.end == ""
    client.says(GET[10:])
    wire.upstream().says(OK)
    client.sees()
    wire.passes(74)
    client.says(GET[:10])
    wire.passes(14)
    assert client.sees() == b""
    wire.passes(2)
    assert status(client.sees()) == 408


def test_a_connection_that_says_nothing_is_closed_silently() -> None:
    wire = Wire()
    client = wire.client()
    wire.passes(74)
    assert client.end == ""
    wire.passes(2)
    assert client.sees() == b""
    assert client.end == "closed"
    assert wire.records == []


def test_a_connection_that_rests_is_closed_silently() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    wire.upstream().says(OK)
    wire.passes(74)
    assert client.end == ""
    wire.passes(2)
    assert client.end == "closed"


def test_what_is_pipelined_beyond_a_bound_waits_in_the_kernel() -> None:
    wire = Wire(limits=Limits(read_ahead=100))
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    client.says(GET * 2)
    assert client.read_from
    client.says(GET * 4)
    assert not client.read_from
    for _ in range(6):
        upstream.says(OK)
    assert client.read_from
    upstream.says(OK)
    assert client.sees() == OK * 7


def test_the_beginning_of_a_head_is_never_too_much_to_read_on() -> None:
    wire = Wire(limits=Limits(read_ahead=16))
    client = wire.client()
    client.says(GET + GET[:-4])
    assert not client.read_from
    upstream = wire.upstream()
    upstream.says(OK)
    assert client.read_from
    client.says(GET[-4:])
    upstream.says(OK)
    assert client.sees() == OK * 2


def test_a_client_that_has_yet_to_take_an_answer_gets_no_further_one() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK[:-1])
    client.stalls()
    upstream.says(OK[-1:])
    upstream.sees()
    client.says(GET)
    assert upstream.sees() == b""
    client.catches_up()
    assert upstream.sees().startswith(b"GET / HTTP/1.1")


def test_a_body_that_nobody_takes_yet_waits_in_the_kernel() -> None:
    wire = Wire(limits=Limits(read_ahead=100))
    client = wire.client()
    client.says(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
    client.says(b"x" * 200)
    assert not client.read_from
    upstream = wire.upstream()
    assert upstream.sees().endswith(b"\r\n\r\n" + b"x" * 200)
    assert client.read_from


@pytest.mark.parametrize("secret", [b"Authorization: Basic eDp5", b"Cookie: a=b", b"X-API-Key: k"])
def test_a_head_with_credentials_is_never_remembered(secret: bytes) -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    assert client.protocol.remembered is not None
    upstream.says(OK)
    client.says(GET[:-2] + secret + b"\r\n\r\n")
    assert client.protocol.remembered is None
    kept = [value for value in kept_by(client.protocol).values() if isinstance(value, bytes)]
    assert kept
    assert not any(secret[-4:] in value for value in kept)


def test_a_large_head_is_not_remembered() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET[:-2] + b"X: " + b"x" * 5000 + b"\r\n\r\n")
    assert client.protocol.remembered is None


def test_a_client_that_leaves_while_we_do_not_read_is_noticed() -> None:
    wire = Wire(limits=Limits(read_ahead=10))
    client = wire.client()
    client.says(GET + GET)
    assert not client.read_from
    client.protocol.client_lost()
    assert client.end == "aborted"


def test_tls_on_the_plain_port_is_answered_with_an_alert() -> None:
    wire = Wire()
    client = wire.client()
    client.says(bytes.fromhex("160301020001000201fc0303"))
    client.says(b"the rest of it\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
    assert client.sees() == bytes((21, 3, 1, 0, 2, 2, 40))
    assert client.end == "finished"  # with a rest unread it would get a reset, and perhaps no alert
    (record,) = wire.records
    assert record.note == "https spoken to the plain port"
