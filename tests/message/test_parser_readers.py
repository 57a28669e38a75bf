"""Whoever reads a head, it means the same, it goes on as the same bytes, and what is refused is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import example, given
from hypothesis import strategies as st

from tests.message.readers import READERS, reading
from webproxy.errors import ClientProtocolError, UpstreamProtocolError
from webproxy.message.forwarding import Arrival
from webproxy.message.parser import parse_request, parse_response
from webproxy.message.rewrite import downstream_response, upstream_request

if TYPE_CHECKING:
    from collections.abc import Callable

FIELDS = st.sampled_from(
    (b"Host: a.example", b"Host: a.example:8080", b"hOST: b", b"Accept: */*", b"Cookie: a=1; b=2", b"cookie: c=3",
     b"Connection: keep-alive", b"Connection: close", b"Connection: X-One, TE", b"connection: Upgrade", b"X-One: 1",
     b"Content-Length: 5", b"Content-Length: 05", b"Content-Length: 5, 5", b"Transfer-Encoding: chunked",
     b"Transfer-Encoding: gzip, chunked", b"Upgrade: websocket", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABk",
     b"Expect: 100-continue", b"TE: trailers", b"Max-Forwards: 3", b"X-Forwarded-For: 6.6.6.6", b"x_real_ip: 6.6.6.6",
     b"Remote-User: root", b"Via: 1.0 fred", b"Content_Length: 7", b"Keep-Alive: timeout=5", b"Trailer: X-Sum",
     b"Date: Sun, 22 Nov 2026 21:13:52 GMT", b"Set-Cookie: a=1", b"Odd:1", b"Odd:  1", b"Odd: 1 ", b"Odd:", b"Od d: 1",
     b"Odd: \x80", b"Odd: \x01", b" folded", b"")
)  # fmt: skip
REQUEST_LINES = st.sampled_from(
    (b"GET / HTTP/1.1", b"POST /a?b=c HTTP/1.1", b"HEAD /%20 HTTP/1.0", b"OPTIONS * HTTP/1.1", b"BREW / HTTP/1.1",
     b"GET http://c.example/x HTTP/1.1", b"get / HTTP/1.1", b"GET /\x80 HTTP/1.1", b"GET /# HTTP/1.1",
     b"PUT / HTTP/2.0", b"CONNECT a:1 HTTP/1.1", b"GET  / HTTP/1.1",
     b"GET /\t HTTP/1.1", b"DELETE /\\ HTTP/1.1", b"GET /\x7f HTTP/1.1")
)  # fmt: skip
STATUS_LINES = st.sampled_from(
    (b"HTTP/1.1 200 OK", b"HTTP/1.0 200 OK", b"HTTP/1.1 204 No Content", b"HTTP/1.1 304 ", b"HTTP/1.1 101 Switching",
     b"HTTP/1.1 100 Continue", b"HTTP/1.1 426 Upgrade Required", b"HTTP/1.1 99 x", b"ICY 200 OK")
)  # fmt: skip
ARRIVALS = [Arrival("203.0.113.7", b"http", 80, trusted) for trusted in (False, True)]


def block(start: bytes, lines: list[bytes]) -> bytes:
    whole = b"\r\n".join((start, *lines, b"", b""))
    return whole[: whole.index(b"\r\n\r\n") + 4]


def outcome(read: Callable[[], object]) -> object:
    """What comes of it; a refusal by its status."""
    try:
        return read()
    except ClientProtocolError as error:
        return error.status
    except UpstreamProtocolError:
        return "refused"


@given(REQUEST_LINES, st.lists(FIELDS, max_size=8))
def test_requests(start: bytes, lines: list[bytes]) -> None:
    asked = block(start, lines)

    def read() -> object:
        head = parse_request(asked)
        return head, head.fields.combined, [upstream_request(head, arrival, b"h") for arrival in ARRIVALS]

    found = []
    for how in READERS:
        with reading(how):
            found.append(outcome(read))
    assert all(one == found[0] for one in found), (asked, found)


@example(b"HTTP/1.1 101 Switching", [b"Upgrade: websocket"], b"GET")
@given(STATUS_LINES, st.lists(FIELDS, max_size=8), st.sampled_from((b"GET", b"HEAD")))
def test_answers(start: bytes, lines: list[bytes], method: bytes) -> None:
    answered = block(start, lines)

    def read() -> object:
        head = parse_response(answered, method)
        written = [downstream_response(head, minor, close, b"now") for minor in (0, 1) for close in (False, True)]
        return head, head.fields.combined, written

    found = []
    for how in READERS:
        with reading(how):
            found.append(outcome(read))
    assert all(one == found[0] for one in found), (answered, found)
