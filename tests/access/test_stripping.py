"""What is ours goes no further, and what is not stays as it was."""

from __future__ import annotations

from base64 import b64encode

import pytest

from webproxy.access.authorization import read_authorization
from webproxy.access.stripping import is_ours, stripped, without
from webproxy.message.parser import parse_request

USERS = {b"ada": b"$2b$04$"}


def basic(text: str) -> bytes:
    return b"Authorization: Basic " + b64encode(text.encode())


def left(*lines: bytes) -> list[bytes]:
    head = parse_request(b"\r\n".join([b"GET / HTTP/1.1", b"Host: h", *lines, b"", b""]))
    value = head.fields.combined.get(b"authorization", b"")
    after = stripped(head, ours=is_ours(read_authorization(head.fields), value, USERS))
    assert (after is head) == (after == head)
    assert after._replace(fields=head.fields) == head
    return [b"%b: %b" % pair for pair in after.fields.pairs[1:]]


@pytest.mark.parametrize(
    "line",
    [
        basic("ada:right"),
        basic("ada:wrong"),
        basic("ada:"),
        basic("anybody:wpk_abc"),
        basic("wpk_abc:"),
        b"Authorization: Bearer wpk_abc",
        b"authorization: bearer wpk_abc",
        b"Authorization: Token wpk_abc",
        b"Authorization: wpk_abc",
        b"X-API-Key: wpk_abc",
        b"x-api-key: sk-1, wpk_abc",
        b"Cookie: webproxy-session-1=x",
        b"Cookie: __Host-webproxy-session-2=x; webproxy-session-3=y",
    ],
)
def test_what_is_ours_is_taken_out(line: bytes) -> None:
    assert left(line) == []
    assert left(b"Accept: */*", line, b"Cookie: a=1", b"X-API-Key: sk-1") == [
        b"Accept: */*",
        b"Cookie: a=1",
        b"X-API-Key: sk-1",
    ]


@pytest.mark.parametrize(
    "line",
    [
        basic("bob:right"),
        basic("Ada:right"),
        b"Authorization: Bearer eyJhbGciOi.x.y",
        b"Authorization: token 0123456789abcdef",
        b'Authorization: Digest username="ada"',
        b"X-API-Key: sk-1",
        b"Cookie: a=1;b;  c=2",
        b"X-Other: wpk_abc",
    ],
)
def test_what_is_the_services_stays_byte_for_byte(line: bytes) -> None:
    assert left(line) == [line]
    assert left(line, b"cookie: webproxy-session-1=x; own=1") == [line, b"cookie: own=1"]


def test_of_lines_that_repeat_only_ours_are_taken_out() -> None:
    lines = (b"Cookie: webproxy-session-1=x", b"X-API-Key: wpk_x", b"X-API-Key: sk-1", b"Cookie: a=1", b"A: 1", b"A: 2")
    assert left(*lines) == [*lines[2:]]
    assert left(*lines[2:]) == [*lines[2:]]


def test_fields_are_left_out_by_name() -> None:
    head = parse_request(b"GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\na: 2\r\nB: 3\r\n\r\n")
    assert without(head, {b"a"}).fields.pairs == ((b"Host", b"h"), (b"B", b"3"))
