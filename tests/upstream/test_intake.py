"""What comes in from the internal service, as a script of the wire."""

from __future__ import annotations

import pytest

from tests.upstream.asking import asked, failure
from webproxy.errors import UpstreamProtocolError


def test_a_whole_answer_in_one_piece_is_one_call() -> None:
    connection, side, asker = asked()
    side.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert asker.heard == [(200, b"ok", True)]
    assert connection.reusable


def test_a_whole_chunked_answer_in_one_piece_is_one_call() -> None:
    connection, side, asker = asked()
    side.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
    assert asker.heard == [(200, b"2\r\nok\r\n0\r\n\r\n", True)]
    assert connection.reusable


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x03\x00\x02\x02\x50",
        b"HTTP/1.1 200 OK\nX: y\n\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_sound_http_is_a_protocol_error(data: bytes) -> None:
    _, side, asker = asked()
    side.says(data)
    assert isinstance(failure(asker), UpstreamProtocolError)
    assert side.end == "aborted"


def test_a_chunk_that_is_malformed_later_is_a_protocol_error_too() -> None:
    _, side, asker = asked()
    side.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    side.says(b"zz\r\n")
    assert isinstance(failure(asker), UpstreamProtocolError)


def test_an_answer_without_a_body_may_be_followed_by_nothing() -> None:
    connection, side, asker = asked()
    side.says(b"HTTP/1.1 204 No Content\r\n\r\nmore")
    assert asker.heard == [(204, b"", True)]
    assert not connection.reusable


def test_bytes_right_behind_a_101_belong_to_the_tunnel() -> None:
    _, side, asker = asked()
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    side.says(switch + b"frame")
    assert asker.heard == [("upgraded", switch, b"frame")]


@pytest.mark.parametrize(
    ("method", "field"), [(b"GET", b"Set-Cookie: a=b\r\n"), (b"HEAD", b""), (b"GET", b"X: " + b"x" * 5000 + b"\r\n")]
)
def test_what_must_not_be_remembered_is_not(method: bytes, field: bytes) -> None:
    connection, side, _ = asked(method)
    side.says(b"HTTP/1.1 200 OK\r\n" + field + b"Content-Length: 0\r\n\r\n")
    assert connection.remembered is None


def test_a_repeated_head_is_not_parsed_again() -> None:
    connection, side, asker = asked()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    side.says(answer + b"ok")
    first = connection.remembered
    connection.ask(asker, b"GET", b"head")
    side.says(answer + b"no")
    assert connection.remembered is first
    assert asker.heard == [(200, b"ok", True), (200, b"no", True)]


def test_a_remembered_head_is_not_taken_for_the_answer_to_head() -> None:
    connection, side, asker = asked()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    side.says(answer + b"ok")
    connection.ask(asker, b"HEAD", b"head")
    side.says(answer)
    assert asker.heard[-1] == (200, b"", True)
