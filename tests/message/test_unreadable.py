"""What is legible of refused heads: lenient, and never more than is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webproxy.message.unreadable import LOOKED_AT, NOTHING, legible


@pytest.mark.parametrize(
    ("data", "method", "target"),
    [
        (b"", b"-", b"-"),
        (b"\x16\x03\x01", b"-", b"-"),
        (b"get / HTTP/1.1\r\n", b"-", b"-"),
        (b"GET / HTTP/1.1\r\n", b"GET", b"/"),
        (b"\nHEAD / HTTP/1.1\r\n", b"HEAD", b"/"),
        (b"BREW /v1/pot HTTP/1.1\r\n", b"BREW", b"/v1/pot"),
        (b"GET /a?token=secret HTTP/1.1\r\n", b"GET", b"/a"),
        (b"GET /a\xe4b HTTP/1.1\r\n", b"GET", b"/a"),
        (b"CONNECT a.example:443 HTTP/1.1\r\n", b"CONNECT", b"-"),
        (b"GET http://a.example/ HTTP/1.1\r\n", b"GET", b"-"),
        (b"GET /" + b"x" * 66000, b"GET", b"/" + b"x" * 1023),
    ],
)
def test_method_and_path(data: bytes, method: bytes, target: bytes) -> None:
    head = legible(data)
    assert (head.method, head.target) == (method, target)


def test_fields_that_shape_an_answer_and_no_others() -> None:
    head = legible(
        b"GET / HTTP/1.1\nACCEPT: text/html \r\nAuthorization: Bearer xyz\r\nCookie: a=b\r\nsec-fetch-mode:navigate\n"
    )
    assert head.fields.pairs == ((b"ACCEPT", b"text/html "), (b"sec-fetch-mode", b"navigate"))


def test_a_bounded_part_is_looked_at() -> None:
    long = b"GET / HTTP/1.1\r\nX: " + b"x" * LOOKED_AT
    assert legible(long[: LOOKED_AT - 100] + b"\r\nAccept: text/html\r\n").fields
    assert not legible(long + b"\r\nAccept: text/html\r\n").fields


@given(st.binary())
def test_it_is_never_a_request_that_could_be_forwarded(data: bytes) -> None:
    head = legible(data)
    assert head._replace(method=b"-", target=b"-", fields=NOTHING.fields) == NOTHING
    assert (head.method + head.target).isascii()
