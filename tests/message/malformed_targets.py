"""Requests for a bad target or host (see ``malformed``)."""

from __future__ import annotations

from tests.message.malformed_row import line, rows


def host(value: bytes) -> bytes:
    """A request for this host."""
    return b"GET / HTTP/1.1\r\nHost: " + value + b"\r\n\r\n"


TARGETS = [
    *rows(
        400,
        "RFC 9112 section 3.2: a target of no form that fits its method",
        {
            "a target without its slash": line(b"GET index.html HTTP/1.1"),
            "a query alone": line(b"GET ?q=1 HTTP/1.1"),
            "a fragment": line(b"GET /#top HTTP/1.1"),
            "a fragment after a query": line(b"GET /?q=1#top HTTP/1.1"),
            "a fragment in an absolute-form": line(b"GET http://a.example/#top HTTP/1.1"),
            "an asterisk with GET": line(b"GET * HTTP/1.1"),
            "an asterisk with POST": line(b"POST * HTTP/1.1"),
            "an asterisk and more": line(b"OPTIONS */ HTTP/1.1"),
            "authority-form with GET": line(b"GET a.example:80 HTTP/1.1"),
            "authority-form with OPTIONS": line(b"OPTIONS a.example:80 HTTP/1.1"),
            "a foreign scheme": line(b"GET ftp://a.example/ HTTP/1.1"),
            "a scheme for scripts": line(b"GET javascript:alert(1) HTTP/1.1"),
            "a file": line(b"GET file:///etc/passwd HTTP/1.1"),
            "a raw byte in the path": line(b"GET /\xe4 HTTP/1.1"),
            "UTF-8 in the path": line("GET /\u00e4 HTTP/1.1".encode()),
            "a raw byte in the query": line(b"GET /?q=\xff HTTP/1.1"),
            "a NUL in the target": line(b"GET /\x00 HTTP/1.1"),
            "a control character in the target": line(b"GET /\x1f HTTP/1.1"),
            "DEL in the target": line(b"GET /\x7f HTTP/1.1"),
            "a form feed in the target": line(b"GET /\x0c HTTP/1.1"),
        },
    ),
    *rows(
        400,
        "RFC 9110 section 4.2: an http URI has a host, and no user information",
        {
            "an absolute-form without host": line(b"GET http:///x HTTP/1.1"),
            "an absolute-form that ends after its scheme": line(b"GET http:// HTTP/1.1"),
            "an absolute-form with a port alone": line(b"GET http://:80/ HTTP/1.1"),
            "an absolute-form with user information": line(b"GET http://user@a.example/ HTTP/1.1"),
            "an absolute-form with a password": line(b"GET http://user:pass@a.example/ HTTP/1.1"),
            "an absolute-form with an empty port": line(b"GET http://a.example:/ HTTP/1.1"),
            "an absolute-form with a port beyond 65535": line(b"GET http://a.example:65536/ HTTP/1.1"),
            "an absolute-form with a bad port": line(b"GET http://a.example:8o/ HTTP/1.1"),
            "an absolute-form with a comma": line(b"GET http://a.example,b.example/ HTTP/1.1"),
            "an absolute-form with an unclosed IPv6 address": line(b"GET http://[::1/ HTTP/1.1"),
            "an absolute-form with one slash": line(b"GET http:/a.example HTTP/1.1"),
            "an absolute-form whose backslash hides a host": line(b"GET http://a.example\\@b.example/ HTTP/1.1"),
            "an absolute-form, but no Host": b"GET http://a.example/ HTTP/1.1\r\n\r\n",
            "an absolute-form, but two Hosts": b"GET http://a.example/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
        },
    ),
    *rows(
        405,
        "RFC 9110 section 9.3.6: an origin server need not implement CONNECT",
        {
            "CONNECT": line(b"CONNECT a.example:443 HTTP/1.1"),
            "CONNECT with a path": line(b"CONNECT / HTTP/1.1"),
        },
    ),
    *rows(400, "RFC 9112 section 3.2.3", {"CONNECT with no host": line(b"CONNECT :443 HTTP/1.1")}),
    *rows(414, "RFC 9110 section 15.5.15", {"a target beyond 16 KiB": line(b"GET /" + b"x" * 16384 + b" HTTP/1.1")}),
]

HOSTS = [
    *rows(
        400,
        "RFC 9112 section 3.2: exactly one Host, and a valid one",
        {
            "no Host": b"GET / HTTP/1.1\r\nX: 1\r\n\r\n",
            "no field at all": b"GET / HTTP/1.1\r\n\r\n",
            "an empty Host": host(b""),
            "an empty Host in HTTP/1.0": b"GET / HTTP/1.0\r\nHost:\r\n\r\n",
            "two Hosts": b"GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n",
            "the same Host twice": b"GET / HTTP/1.1\r\nHost: a.example\r\nHost: a.example\r\n\r\n",
            "two Hosts, spelled differently": b"GET / HTTP/1.1\r\nHost: a.example\r\nhOST: b.example\r\n\r\n",
            "two Hosts, one empty": b"GET / HTTP/1.1\r\nHost: a.example\r\nHost:\r\n\r\n",
            "two Hosts in HTTP/1.0": b"GET / HTTP/1.0\r\nHost: a.example\r\nHost: a.example\r\n\r\n",
            "two Hosts in one": host(b"a.example, b.example"),
            "two Hosts in one without a space": host(b"a.example,b.example"),
            "a Host with a space": host(b"a.example b.example"),
            "a Host with a tab": host(b"a.example\tb.example"),
            "a Host with user information": host(b"user@a.example"),
            "a Host with a password": host(b"user:pass@a.example"),
            "a Host with a scheme": host(b"http://a.example"),
            "a Host with a path": host(b"a.example/x"),
            "a Host with a query": host(b"a.example?x"),
            "a Host with a fragment": host(b"a.example#x"),
            "a Host with a backslash": host(b"a.example\\x"),
            "a Host with an empty port": host(b"a.example:"),
            "a Host that is a port": host(b":80"),
            "a Host with two ports": host(b"a.example:80:80"),
            "a Host with a port of letters": host(b"a.example:http"),
            "a Host with a signed port": host(b"a.example:+80"),
            "a Host with port 0": host(b"a.example:0"),
            "a Host with a port beyond 65535": host(b"a.example:65536"),
            "a Host with a port of six digits": host(b"a.example:000080"),
            "a Host with an unclosed IPv6 address": host(b"[::1"),
            "a Host with an unopened IPv6 address": host(b"::1]"),
            "a Host with a bare IPv6 address": host(b"::1"),
            "a Host with an IPv6 address that is none": host(b"[::1::2]"),
            "a Host with an empty IPv6 address": host(b"[]"),
            "a Host with an IPv6 zone": host(b"[fe80::1%25eth0]"),
            "a Host with something after its IPv6 address": host(b"[::1]x"),
            "a Host with an IPv6 address and an empty port": host(b"[::1]:"),
            "a Host with a future address": host(b"[v1.x]"),
            "a Host with an IPv4 address in brackets": host(b"[127.0.0.1]"),
            "a Host in UTF-8": host("b\u00fccher.example".encode()),
            "a Host in Latin-1": host(b"b\xfccher.example"),
            "a Host with percent-encoding": host(b"a%2eexample"),
            "a Host with a quote": host(b'a"example'),
            "a Host with markup": host(b"<script>"),
            "a Host with a semicolon": host(b"a.example;for=10.0.0.1"),
            "a Host beyond all names": host(b"a" * 262),
        },
    ),
]
