"""Whole exchanges, drawn by hypothesis: what a client says, and what the internal service answers.

Sound, but with everything in them that an exchange may have: versions, framings, trailers, interim answers, fields for
one hop, requests that follow each other over one connection.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import strategies as st

from tests.message.sound import CONNECTION, PAIRS, lines_of, wire
from tests.wire import DATE

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

BODY = st.binary(max_size=60)
TARGET = st.sampled_from([b"/", b"/api/chat", b"/v1/models?key=1", b"//x/%2e%2e", b"http://b.example:81/x?y"])
INTERIM = st.sampled_from([b"", b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", b"HTTP/1.1 102\r\n\r\n" * 2])


class Exchange(NamedTuple):
    """One exchange.

    :ivar body: what the request's body comes to, without its coding.
    :ivar lasts: the answer's body lasts until the service closes.
    """

    request: bytes
    body: bytes
    answer: bytes
    lasts: bool


@st.composite
def chunked(draw: DrawFn, body: bytes) -> bytes:
    """A body in chunks of any size, with extensions and trailers."""
    coded, at = b"", 0
    while at < len(body):
        piece = body[at : at + draw(st.integers(1, 40))]
        at += len(piece)
        extension = draw(st.sampled_from([b"", b"", b";a", b';a="b;c"', b";a=b;c=d"]))
        coded += b"%x%b\r\n%b\r\n" % (len(piece), extension, piece)
    last = draw(st.sampled_from([b"0\r\n", b"000;a=b\r\n"]))
    return coded + last + draw(st.sampled_from([b"\r\n", b"\r\n", b"X-Sum: 1\r\n\r\n", b"X-A: a\r\nX-B:\r\n\r\n"]))


@st.composite
def requests(draw: DrawFn, number: int) -> tuple[bytes, bytes, bytes]:
    """A request, its method, and what its body comes to."""
    method = draw(st.sampled_from([b"GET", b"HEAD", b"POST", b"PUT", b"OPTIONS", b"PATCH"]))
    minor = draw(st.sampled_from([1, 1, 1, 0]))
    framing = draw(st.sampled_from(["none", "length", "chunked" if minor else "length"]))
    body = b"" if framing == "none" else draw(BODY)
    lines = [b"%b %b HTTP/1.%d" % (method, draw(TARGET), minor), b"Host: a.example", b"X-Request-Id: r%d" % number]
    lines += [line for line in lines_of(draw(PAIRS)) if not line.lower().startswith(b"expect")]
    if draw(st.booleans()):
        lines.append(b"Connection: " + draw(CONNECTION))
    if framing == "length":
        lines.append(b"Content-Length: %d" % len(body))
    elif framing == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
    coded = draw(chunked(body)) if framing == "chunked" else body
    return draw(st.sampled_from([b"", b"", b"\r\n"])) + wire(*lines) + coded, method, body


@st.composite
def answers(draw: DrawFn, method: bytes) -> tuple[bytes, bool]:
    """An answer to a request with this method, and whether its body lasts until close."""
    status = draw(st.sampled_from([200, 200, 200, 204, 206, 304, 404, 426, 500]))
    minor = draw(st.sampled_from([1, 1, 1, 0]))
    framing = draw(st.sampled_from(["length", "until close", "chunked" if minor else "length"]))
    body = draw(BODY)
    lines = [b"HTTP/1.%d %d Said" % (minor, status), b"Date: " + DATE]
    lines += [line for line in lines_of(draw(PAIRS)) if not line.lower().startswith(b"date")]
    if draw(st.booleans()):
        lines.append(b"Connection: " + draw(CONNECTION))
    if framing == "length":
        lines.append(b"Content-Length: %d" % len(body))
    elif framing == "chunked":
        lines.append(b"Transfer-Encoding: chunked")
    bodiless = method == b"HEAD" or status in {204, 304}
    coded = draw(chunked(body)) if framing == "chunked" else body
    return draw(INTERIM) + wire(*lines) + (b"" if bodiless else coded), framing == "until close" and not bodiless


@st.composite
def conversations(draw: DrawFn) -> list[Exchange]:
    """Some exchanges over one client connection."""
    conversation = []
    for number in range(draw(st.integers(1, 3))):
        request, method, body = draw(requests(number))
        conversation.append(Exchange(request, body, *draw(answers(method))))
    return conversation


def pieces(data: bytes, cuts: list[int]) -> list[bytes]:
    """The same bytes in portions; an empty list of cuts leaves them whole."""
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[here:there] for here, there in pairwise(edges)]
