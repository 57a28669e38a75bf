"""Requests with a bad request line (see ``malformed``)."""

from __future__ import annotations

from tests.message.malformed_row import line, rows

PROXY_V2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12)

REQUEST_LINES = [
    *rows(
        400,
        "RFC 9112 section 2.2: nothing but empty lines before a request line",
        {
            "a bare line feed first": line(b"\nGET / HTTP/1.1"),
            "a bare carriage return first": line(b"\rGET / HTTP/1.1"),
            "a line of whitespace first": line(b" \r\nGET / HTTP/1.1"),
            "the end of a chunked body first": line(b"0\r\n\r\nGET / HTTP/1.1"),
            "the rest of a body first": line(b"hello GET / HTTP/1.1"),
            "the rest of a body on a line of its own first": line(b"hello\r\nGET / HTTP/1.1"),
            "JSON first": line(b'{"a":1}GET / HTTP/1.1'),
            "a PROXY line of a stranger first": line(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\nGET / HTTP/1.1"),
            "a PROXY header of a stranger first": line(PROXY_V2 + b"GET / HTTP/1.1"),
        },
    ),
    *rows(
        400,
        "RFC 9112 section 3: method SP request-target SP HTTP-version",
        {
            "two spaces after the method": line(b"GET  / HTTP/1.1"),
            "two spaces before the version": line(b"GET /  HTTP/1.1"),
            "a space before the method": line(b" GET / HTTP/1.1"),
            "a space after the version": line(b"GET / HTTP/1.1 "),
            "a tab after the method": line(b"GET\t/ HTTP/1.1"),
            "a tab before the version": line(b"GET /\tHTTP/1.1"),
            "a vertical tab after the method": line(b"GET\x0b/ HTTP/1.1"),
            "a carriage return after the method": line(b"GET\r/ HTTP/1.1"),
            "a carriage return in the target": line(b"GET /\rx HTTP/1.1"),
            "a carriage return after the version": line(b"GET / HTTP/1.1\r"),
            "a line feed in the target": line(b"GET /\nx HTTP/1.1"),
            "a bare line feed after the request line": b"GET / HTTP/1.1\nHost: a.example\r\n\r\n",
            "a word too many": line(b"GET / x HTTP/1.1"),
            "no target": line(b"GET HTTP/1.1"),
            "an empty target": line(b"GET  HTTP/1.1"),
            "a method alone": line(b"GET"),
            "HTTP/0.9: no version": line(b"GET /"),
            "HTTP/0.9: no version but its space": line(b"GET / "),
            "a NUL before the method": line(b"\x00GET / HTTP/1.1"),
            "a byte order mark before the method": line(b"\xef\xbb\xbfGET / HTTP/1.1"),
            "nothing but spaces": line(b"   "),
            "a response": line(b"HTTP/1.1 200 OK"),
            "a field as the first line": line(b"Accept: */*"),
        },
    ),
    *rows(
        400,
        "RFC 9110 section 9.1: a method is a token",
        {
            "no method": line(b" / HTTP/1.1"),
            "an at sign in the method": line(b"G@T / HTTP/1.1"),
            "a colon in the method": line(b"GET: / HTTP/1.1"),
            "a NUL in the method": line(b"GE\x00T / HTTP/1.1"),
            "a raw byte in the method": line(b"G\xc9T / HTTP/1.1"),
            "a quoted method": line(b'"GET" / HTTP/1.1'),
        },
    ),
    *rows(
        501,
        "RFC 9110 section 9.1: a method that is not known here",
        {
            "an unknown method": line(b"BREW / HTTP/1.1"),
            "a method in lower case": line(b"get / HTTP/1.1"),
            "a method in mixed case": line(b"Get / HTTP/1.1"),
            "a method with something after it": line(b"GETX / HTTP/1.1"),
            "a method of RTSP": line(b"DESCRIBE / HTTP/1.1"),
        },
    ),
    *rows(
        400,
        "RFC 9112 section 2.3: HTTP-version = HTTP/DIGIT.DIGIT, case-sensitive",
        {
            "the version in lower case": line(b"GET / http/1.1"),
            "the version in mixed case": line(b"GET / Http/1.1"),
            "a version of two digits": line(b"GET / HTTP/1.10"),
            "a version with a leading zero": line(b"GET / HTTP/01.1"),
            "a version without a dot": line(b"GET / HTTP/11"),
            "a version with a comma": line(b"GET / HTTP/1,1"),
            "a version without minor": line(b"GET / HTTP/1."),
            "a version without major": line(b"GET / HTTP/.1"),
            "a version with a letter": line(b"GET / HTTP/1.x"),
            "a version without its slash": line(b"GET / HTTP1.1"),
            "half a version": line(b"GET / HTTP"),
            "a negative version": line(b"GET / HTTP/-1.1"),
            "a foreign digit in the version": line("GET / HTTP/1.\u0661".encode()),
            "another protocol": line(b"GET / RTSP/1.0"),
            "Icecast's own version": line(b"SOURCE / ICE/1.0"),
        },
    ),
    *rows(
        505,
        "RFC 9110 section 15.6.6: a version that is not spoken here",
        {
            "HTTP/0.9, spelled out": line(b"GET / HTTP/0.9"),
            "HTTP/1.2": line(b"GET / HTTP/1.2"),
            "HTTP/2.0": line(b"GET / HTTP/2.0"),
            "HTTP/3.0": line(b"GET / HTTP/3.0"),
            "HTTP/9.9": line(b"GET / HTTP/9.9"),
            "the preface of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        },
    ),
]
