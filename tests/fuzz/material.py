"""What goes over the wire in a fuzzed game: sound messages, rows of the tables, and what mutation makes of them.

Everything is drawn from one ``random.Random``, so that a number is enough to see a game again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tests import handshake
from tests.message.malformed import ANSWER_BODIES, ANSWER_HEADS, REQUEST_BODIES, REQUEST_HEADS, UNFINISHED_HEADS

if TYPE_CHECKING:
    from random import Random

SHORT = 2000
SIZES = (0, 1, 5, 80, 600)
ROWS_IN = [row.data for row in (*REQUEST_HEADS, *REQUEST_BODIES, *UNFINISHED_HEADS) if len(row.data) < SHORT]
ROWS_OUT = [row.data for row in (*ANSWER_HEADS, *ANSWER_BODIES) if len(row.data) < SHORT]

METHODS = (b"GET", b"GET", b"POST", b"POST", b"HEAD", b"PUT", b"OPTIONS", b"DELETE", b"TRACE")
TARGETS = (b"/", b"/api/chat", b"/v1/models?a=b", b"/x/%2e%2e/y", b"//z", b"http://b.example:81/q")
LINES = (
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: X-A, TE",
    b"TE: trailers",
    b"Expect: 100-continue",
    b"Max-Forwards: 0",
    b"Max-Forwards: 3",
    b"Upgrade: h2c",
    b"X-Forwarded-For: 10.0.0.1",
    b"Forwarded: for=10.0.0.1",
    b"Cookie: a=b",
    b"Set-Cookie: a=b",
    b"Via: 1.0 x",
    b"Trailer: X-Sum",
    b"Accept: text/html",
    b"X-A:",
    b"x-a: \xe4 b\t",
)
PREFACES = (
    b"PROXY TCP4 198.51.100.7 10.0.0.1 51000 443\r\n",
    b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes((198, 51, 100, 8, 10, 0, 0, 1, 199, 56, 1, 187)),
    b"PROXY UNKNOWN\r\n",
)
NOISE = (
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b"\n\n", b"\0", b" ", b"\t", b":", b",", b";", b"\x80", b"\x16\x03\x01"),
    *(b"0\r\n\r\n", b"5\r\nhello\r\n", b"ffffffffffffffff\r\n", b"Content-Length: 5\r\n", b"Content-Length: 0\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip, chunked\r\n", b"Host: b.example\r\n", b" HTTP/1.1"),
    *(b"GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.0"),
    *(b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"Connection: close\r\n"),
)


def request(rng: Random, name: bytes) -> bytes:
    """A sound request."""
    minor = rng.choice((1, 1, 1, 0))
    framing = rng.choice(("none", "length", "chunked" if minor else "length"))
    lines = [b"%b %b HTTP/1.%d" % (rng.choice(METHODS), rng.choice(TARGETS), minor)]
    lines += [b"Host: a.example", b"X-Request-Id: " + name, *rng.sample(LINES, rng.choice((0, 1, 2, 5)))]
    if rng.random() < 0.05:
        lines += handshake.LINES.split(b"\r\n")[:-1]
    body = b"" if framing == "none" else rng.randbytes(rng.choice(SIZES))
    return b"".join(_framed(rng, lines, framing, body))


class Answer(NamedTuple):
    """A sound answer.

    :ivar head: with what comes before it.
    :ivar coded: its body, in its coding.
    :ivar body: what that comes to.
    :ivar lasts: it lasts until close.
    :ivar last: whatever its body, no other answer can follow it.
    """

    head: bytes
    coded: bytes
    body: bytes
    lasts: bool
    last: bool

    def to(self, method: bytes) -> Answer:
        """The same as an answer to a request with this method."""
        if method != b"HEAD":
            return self
        return self._replace(coded=b"", body=b"", lasts=False)


def answer(rng: Random, name: bytes) -> Answer:
    """A sound answer to a GET."""
    status = rng.choice((200, 200, 200, 204, 206, 304, 404, 413, 500))
    minor = rng.choice((1, 1, 1, 0))
    framing = rng.choice(("none", "length", "length", "chunked" if minor else "length"))
    lines = [b"HTTP/1.%d %d Said" % (minor, status), b"X-Answer: " + name, *rng.sample(LINES, rng.choice((0, 1, 3)))]
    body = rng.randbytes(rng.choice(SIZES))
    head, coded = _framed(rng, lines, framing, body)
    lasts = framing == "none" and status not in {204, 304}
    kept = b"\r\nConnection: close\r\n" not in head and (minor or b"\r\nConnection: keep-alive\r\n" in head)
    last = not kept or (status == 204 and framing != "none" and b"\r\nContent-Length: 0\r\n" not in head)
    if status in {204, 304}:
        coded = body = b""
    return Answer(_interim(rng) + head, coded, body if coded or not lasts else b"", lasts, last)


def _interim(rng: Random) -> bytes:
    return rng.choice((b"", b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n" * 3))


def _framed(rng: Random, lines: list[bytes], framing: str, body: bytes) -> tuple[bytes, bytes]:
    """The head of a message with these lines and this body, and the body in its coding."""
    if framing == "length":
        lines = [*lines, b"Content-Length: %d" % len(body)]
    elif framing == "chunked":
        lines = [*lines, b"Transfer-Encoding: chunked"]
        body = _chunked(rng, body)
    rng.shuffle(rest := lines[1:])
    return b"\r\n".join((lines[0], *rest, b"", b"")), body


def _chunked(rng: Random, body: bytes) -> bytes:
    coded, at = b"", 0
    while at < len(body):
        piece = body[at : at + rng.randint(1, 200)]
        at += len(piece)
        coded += b"%x%b\r\n%b\r\n" % (len(piece), rng.choice((b"", b"", b';a="b"')), piece)
    return coded + b"0\r\n" + rng.choice((b"", b"", b"X-Sum: 1\r\n")) + b"\r\n"


def mutated(rng: Random, data: bytes, others: list[bytes]) -> bytes:
    """The same message with something wrong with it, or with something that looks wrong."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        at = rng.randrange(len(data) + 1)
        end = min(len(data), at + rng.choice((0, 1, 2, 4, 20, 200)))
        way = rng.randrange(6)
        if way == 0:
            data = data[:at] + rng.choice(NOISE) + data[at:]
        elif way == 1:
            data = data[:at] + rng.choice(NOISE) + data[end:]
        elif way == 2:
            data = data[:at] + data[end:]
        elif way == 3:
            data = data[:end] + data[at:]
        elif way == 4:
            data = data[:at] + rng.randbytes(end - at) + data[end:]
        else:
            other = rng.choice(others)
            data = data[:at] + other[rng.randrange(len(other) + 1) :]
    return data


def portion(rng: Random, data: bytes) -> int:
    """How much of it comes in one read."""
    return rng.choice((1, 2, 7, 50, 500, len(data)))
