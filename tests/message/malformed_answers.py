"""Malformed and ambiguous answers of the internal service, as data (see ``malformed``)."""

from __future__ import annotations

from tests.message.malformed_row import CHUNKS, UNWRITABLE, rows

SWITCH = b"Connection: Upgrade\r\nUpgrade: websocket"
SOUND = b"Content-Length: 5\r\n\r\nhello"


def line(start: bytes) -> bytes:
    """An answer with this status line."""
    return start + b"\r\n" + SOUND


def field(raw: bytes) -> bytes:
    """An answer with this raw text between its status line and its length."""
    return b"HTTP/1.1 200 OK\r\n" + raw + b"\r\n" + SOUND


def framed(raw: bytes, body: bytes = b"hello", version: bytes = b"HTTP/1.1", status: bytes = b"200 OK") -> bytes:
    """An answer with a body, and these raw framing fields."""
    return version + b" " + status + b"\r\n" + raw + b"\r\n\r\n" + body


ANSWER_HEADS = [
    *rows(
        502,
        "RFC 9112 section 4: HTTP-version SP status-code SP reason-phrase",
        {
            "HTTP/0.9: no status line": b"<html>hello</html>\r\n\r\n",
            "no HTTP at all": b"220 mail.example ESMTP\r\n\r\n",
            "SSH": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
            "an empty line first": line(b"\r\nHTTP/1.1 200 OK"),
            "a space first": line(b" HTTP/1.1 200 OK"),
            "a request": line(b"GET / HTTP/1.1"),
            "no status": line(b"HTTP/1.1"),
            "no status but its space": line(b"HTTP/1.1 "),
            "two spaces before the status": line(b"HTTP/1.1  200 OK"),
            "a tab before the status": line(b"HTTP/1.1\t200 OK"),
            "a tab behind the status": line(b"HTTP/1.1 200\tOK"),
            "no space behind the status": line(b"HTTP/1.1 200OK"),
            "a status of two digits": line(b"HTTP/1.1 20 OK"),
            "a status of four digits": line(b"HTTP/1.1 2000 OK"),
            "a signed status": line(b"HTTP/1.1 +20 OK"),
            "a status of letters": line(b"HTTP/1.1 abc OK"),
            "a status with a fraction": line(b"HTTP/1.1 401.1 No"),
            "a NUL in the reason": line(b"HTTP/1.1 200 O\x00K"),
            "a control character in the reason": line(b"HTTP/1.1 200 O\x1bK"),
            "DEL in the reason": line(b"HTTP/1.1 200 O\x7fK"),
            "a bare carriage return in the reason": line(b"HTTP/1.1 200 O\rK"),
            "a bare line feed in the reason": line(b"HTTP/1.1 200 O\nK"),
            "a bare line feed after the status line": b"HTTP/1.1 200 OK\n" + SOUND,
        },
    ),
    *rows(
        502,
        "RFC 9110 section 15: status codes are 100 to 599",
        {
            "status 000": line(b"HTTP/1.1 000 Nothing"),
            "status 099": line(b"HTTP/1.1 099 Early"),
            "status 600": line(b"HTTP/1.1 600 Late"),
            "status 999": line(b"HTTP/1.1 999 Denied"),
        },
    ),
    *rows(
        502,
        "RFC 9112 section 2.3: HTTP/1.1 and HTTP/1.0",
        {
            "HTTP/0.9, spelled out": line(b"HTTP/0.9 200 OK"),
            "HTTP/1.2": line(b"HTTP/1.2 200 OK"),
            "HTTP/2.0": line(b"HTTP/2.0 200 OK"),
            "HTTP/2": line(b"HTTP/2 200"),
            "HTTP/1.10": line(b"HTTP/1.10 200 OK"),
            "HTTP/01.1": line(b"HTTP/01.1 200 OK"),
            "the version in lower case": line(b"http/1.1 200 OK"),
            "Shoutcast": line(b"ICY 200 OK"),
            "RTSP": line(b"RTSP/1.0 200 OK"),
        },
    ),
    *rows(
        502,
        "RFC 9112 sections 2.2 and 5",
        {
            "a bare line feed after a value": field(b"X: a\nY: b"),
            "a bare carriage return in a value": field(b"X: a\rb"),
            "a bare carriage return after a value": field(b"X: a\r"),
            "a head within a line": field(b"X: a\n\nHTTP/1.1 200 OK"),
            "a folded value": field(b"X: a\r\n b"),
            "a value folded with a tab": field(b"X: a\r\n\tb"),
            "whitespace before the first field": field(b" X: a"),
            "a space before the colon": field(b"X : a"),
            "a tab before the colon": field(b"X\t: a"),
            "an empty name": field(b": a"),
            "no colon": field(b"X"),
            "a space in a name": field(b"X Y: a"),
            "a NUL in a name": field(b"X\x00: a"),
            "a raw byte in a name": field(b"X\xe4: a"),
            "parentheses in a name": field(b"X(y): a"),
            "a slash in a name": field(b"X/Y: a"),
            **{f"0x{mark.hex()} in a value": field(b"X: a" + mark + b"b") for mark in UNWRITABLE},
        },
    ),
    *rows(
        502,
        "RFC 9112 section 6.3: Transfer-Encoding and Content-Length",
        {
            "CL.TE": framed(b"Content-Length: 5\r\nTransfer-Encoding: chunked", CHUNKS),
            "TE.CL": framed(b"Transfer-Encoding: chunked\r\nContent-Length: 5", CHUNKS),
            "CL.TE where no body may be": framed(
                b"Content-Length: 5\r\nTransfer-Encoding: chunked", b"", status=b"304 Not Modified"
            ),
            "chunked in HTTP/1.0": framed(b"Transfer-Encoding: chunked", CHUNKS, b"HTTP/1.0"),
            "an empty coding": framed(b"Transfer-Encoding:", CHUNKS),
            "identity": framed(b"Transfer-Encoding: identity"),
            "gzip": framed(b"Transfer-Encoding: gzip"),
            "gzip, chunked": framed(b"Transfer-Encoding: gzip, chunked", CHUNKS),
            "chunked, gzip": framed(b"Transfer-Encoding: chunked, gzip", CHUNKS),
            "chunked twice": framed(b"Transfer-Encoding: chunked, chunked", CHUNKS),
            "chunked on two lines": framed(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", CHUNKS),
            "chunked with a parameter": framed(b"Transfer-Encoding: chunked;q=1", CHUNKS),
            "chunked with a comma": framed(b"Transfer-Encoding: chunked,", CHUNKS),
            "chunked with a prefix": framed(b"Transfer-Encoding: xchunked", CHUNKS),
            "chunked after a vertical tab": framed(b"Transfer-Encoding: \x0bchunked", CHUNKS),
        },
    ),
    *rows(
        502,
        "RFC 9112 section 6.3, rule 5: Content-Length = 1*DIGIT (RFC 9110 section 8.6)",
        {
            "an empty length": framed(b"Content-Length:"),
            "a positive sign": framed(b"Content-Length: +5"),
            "a negative length": framed(b"Content-Length: -1"),
            "a hexadecimal length": framed(b"Content-Length: 0x5"),
            "a fraction": framed(b"Content-Length: 5.0"),
            "an underscore": framed(b"Content-Length: 1_0"),
            "a length with a unit": framed(b"Content-Length: 5b"),
            "two lengths in one": framed(b"Content-Length: 5, 6"),
            "the same length twice in one": framed(b"Content-Length: 5, 5"),
            "two lengths": framed(b"Content-Length: 5\r\nContent-Length: 6"),
            "the same length twice": framed(b"Content-Length: 5\r\nContent-Length: 5"),
            "a leading zero": framed(b"Content-Length: 05"),
            "a length of 2**64 + 5": framed(b"Content-Length: 18446744073709551621"),
            "a length of 2**63": framed(b"Content-Length: 9223372036854775808"),
            "Arabic digits": framed("Content-Length: \u0665".encode()),
            "a bad length where no body may be": framed(b"Content-Length: x", b"", status=b"304 Not Modified"),
        },
    ),
    *rows(
        502,
        "RFC 9110 sections 7.6.1, 7.8 and 8.6",
        {
            "Connection names Content-Length": field(b"Connection: content-length"),
            "a 101 without Upgrade": framed(b"X: 1", b"", status=b"101 Switching Protocols"),
            "a 101 with a length": framed(SWITCH + b"\r\nContent-Length: 5", status=b"101 Switching Protocols"),
            "a 101 with length 0": framed(SWITCH + b"\r\nContent-Length: 0", b"", status=b"101 Switching Protocols"),
            "a chunked 101": framed(
                SWITCH + b"\r\nTransfer-Encoding: chunked", CHUNKS, status=b"101 Switching Protocols"
            ),
            "a 101 to h2c": framed(b"Connection: Upgrade\r\nUpgrade: h2c", b"", status=b"101 Switching Protocols"),
        },
    ),
    *rows(
        502,
        "bounded, as a client's head is",
        {
            "201 fields": field(b"\r\n".join(b"X-%d: 1" % number for number in range(200))),
            "a head beyond 64 KiB": field(b"X: " + b"x" * 65536),
        },
    ),
]
