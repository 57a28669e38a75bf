"""Requests refused before their head has an end: whatever may follow, it will not be one (see ``malformed``)."""

from __future__ import annotations

from tests.message.malformed_row import rows

UNFINISHED_HEADS = [
    *rows(
        400,
        "RFC 9112 section 2.2: lines end in CRLF",
        {
            "a head of bare line feeds": b"GET / HTTP/1.1\nHost: a.example\n\n",
            "a request line with a bare line feed": b"GET / HTTP/1.1\n",
            "an empty line that is a bare line feed": b"\nGET / HTTP/1.1\r\nHost: a.example\r\n",
            "a final line that is a bare line feed": b"GET / HTTP/1.1\r\nHost: a.example\r\n\n",
            "a request line that ends in LF CR": b"GET / HTTP/1.1\n\rHost: a.example\r\n",
        },
    ),
    *rows(
        414,
        "RFC 9110 section 15.5.15",
        {"a target without an end": b"GET /" + b"x" * 66000},
    ),
    *rows(
        431,
        "RFC 6585 section 5",
        {
            "a head without an end": b"GET / HTTP/1.1\r\nHost: a.example\r\nX: " + b"x" * 66000,
            "fields without an end": b"GET / HTTP/1.1\r\nHost: a.example\r\n" + b"X: 1\r\n" * 11000,
        },
    ),
]
