"""Requests with bad fields (see ``malformed``)."""

from __future__ import annotations

from tests.message.malformed_row import CHUNKS, UNWRITABLE, field, post, rows

_SEPARATORS = [bytes((code,)) for code in b'()<>@,;\\"/[]?={}']

FIELDS = [
    *rows(
        400,
        "RFC 9112 section 2.2: lines end in CRLF, and CR and LF occur nowhere else",
        {
            "a bare line feed after a value": field(b"X: a\nY: b"),
            "a bare line feed before a colon": field(b"X\n: a"),
            "a bare carriage return in a value": field(b"X: a\rb"),
            "a bare carriage return after a value": field(b"X: a\r"),
            "a bare carriage return in a name": field(b"X\rY: a"),
            "a head within a line": field(b"X: a\n\nGET /smuggled HTTP/1.1\nHost: b.example"),
            "a carriage return alone on a line": field(b"\r"),
        },
    ),
    *rows(
        400,
        "RFC 9112 section 5.2: obsolete line folding",
        {
            "a folded value": field(b"X: a\r\n b"),
            "a value folded with a tab": field(b"X: a\r\n\tb"),
            "a folded empty value": field(b"X:\r\n a"),
            "a folded Transfer-Encoding": post(b"Transfer-Encoding:\r\n chunked", CHUNKS),
            "whitespace before the first field": b"GET / HTTP/1.1\r\n X: 1\r\nHost: a.example\r\n\r\n",
            "a line of whitespace": field(b" "),
        },
    ),
    *rows(
        400,
        "RFC 9112 section 5.1: no whitespace before the colon",
        {
            "a space before the colon": field(b"X : a"),
            "a tab before the colon": field(b"X\t: a"),
            "a space before the colon of Content-Length": post(b"Content-Length : 5"),
            "a space before the colon of Transfer-Encoding": post(b"Transfer-Encoding : chunked", CHUNKS),
            "a space before the colon of Host": b"GET / HTTP/1.1\r\nHost : a.example\r\n\r\n",
        },
    ),
    *rows(
        400,
        "RFC 9110 section 5.1: a field name is a token",
        {
            "an empty name": field(b": a"),
            "no colon": field(b"X"),
            "a space in a name": field(b"X Y: a"),
            "a NUL in a name": field(b"X\x00: a"),
            "DEL in a name": field(b"X\x7f: a"),
            "a raw byte in a name": field(b"X\xe4: a"),
            "a vertical tab before a colon": field(b"Transfer-Encoding\x0b: chunked"),
            **{f"{mark.decode()} in a name": field(b"X" + mark + b": a") for mark in _SEPARATORS},
        },
    ),
    *rows(
        400,
        "RFC 9110 section 5.5: no control character in a value",
        {f"0x{mark.hex()} in a value": field(b"X: a" + mark + b"b") for mark in UNWRITABLE},
    ),
    *rows(
        400,
        "RFC 9110 section 7.6.1: Connection must not name what everyone needs",
        {
            "Connection names Content-Length": post(b"Connection: Content-Length\r\nContent-Length: 5"),
            "Connection names Host": field(b"Connection: close, host"),
        },
    ),
    *rows(
        431,
        "RFC 6585 section 5",
        {
            "201 fields": field(b"\r\n".join(b"X-%d: 1" % number for number in range(199))),
            "a head beyond 64 KiB": field(b"X: " + b"x" * 65536),
        },
    ),
]
