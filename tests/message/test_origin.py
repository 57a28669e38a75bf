"""The service's two names, and what is told in which."""

from __future__ import annotations

import pytest

from webproxy.message.forwarding import Arrival
from webproxy.message.origin import (
    Names,
    by_link,
    by_public_way,
    inward,
    normalised,
    origin,
    outward,
    own_origins,
    public_origin,
)
from webproxy.message.parser import parse_request, parse_response

NAMES = Names(b"https://gpu.example", b"http://localhost:8080")
OWN = own_origins(b"localhost:8080", b"gpu.example", NAMES.public)
STRANGER = Arrival("203.0.113.7", b"http", 12345, False)
TRUSTED = STRANGER._replace(trusted=True)


def request(*lines: bytes, host: bytes = b"gpu.example") -> bytes:
    return b"\r\n".join((b"GET / HTTP/1.1", b"Host: " + host, *lines, b"", b""))


def answer(*lines: bytes) -> bytes:
    return b"\r\n".join((b"HTTP/1.1 302 Found", *lines, b"Content-Length: 0", b"", b""))


@pytest.mark.parametrize(
    ("scheme", "authority", "written"),
    [
        (b"https", b"gpu.example", b"https://gpu.example"),
        (b"https", b"gpu.example:443", b"https://gpu.example"),
        (b"http", b"gpu.example:80", b"http://gpu.example"),
        (b"http", b"gpu.example:443", b"http://gpu.example:443"),
        (b"HTTP", b"GPU.example:8080", b"http://gpu.example:8080"),
        (b"http", b"[2001:db8::1]:80", b"http://[2001:db8::1]"),
        (b"http", b"[2001:db8::80]", b"http://[2001:db8::80]"),
        (b"ws", b"gpu.example:80", b"ws://gpu.example:80"),
    ],
)
def test_an_origin_has_no_default_port_rfc_6454_6_2(scheme: bytes, authority: bytes, written: bytes) -> None:
    assert origin(scheme, authority) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (b"https://gpu.example:443/a?b#c", b"https://gpu.example"),
        (b"https://gpu.example?b", b"https://gpu.example"),
        (b"https://gpu.example#c", b"https://gpu.example"),
        (b"null", b""),
        (b"/path", b""),
        (b"https:///path", b""),
    ],
)
def test_the_origin_of_a_url(value: bytes, written: bytes) -> None:
    assert normalised(value) == written


def test_the_public_origin_is_what_the_operator_says() -> None:
    head = parse_request(request())
    assert public_origin(head, STRANGER, b"https://other.example") == b"https://other.example"


def test_else_what_a_trusted_proxy_forwarded() -> None:
    head = parse_request(request(b"X-Forwarded-Proto: https", b"X-Forwarded-Host: pub.example", host=b"10.0.0.1:12345"))
    assert public_origin(head, TRUSTED) == b"https://pub.example"
    assert public_origin(head, STRANGER) == b"http://10.0.0.1:12345"


def test_else_the_host_received() -> None:
    assert public_origin(parse_request(request()), TRUSTED) == b"http://gpu.example"


def test_our_own_origin_and_referer_are_told_in_the_inner_name() -> None:
    head = inward(
        parse_request(request(b"Origin: https://GPU.example", b"Referer: https://gpu.example:443/a?b")), NAMES
    )
    assert head.fields.get(b"origin") == b"http://localhost:8080"
    assert head.fields.get(b"referer") == b"http://localhost:8080/a?b"


@pytest.mark.parametrize(
    "line",
    [
        b"Origin: https://evil.example",
        b"Origin: http://gpu.example",
        b"Origin: https://gpu.example.evil.example",
        b"Origin: https://gpu.example:8443",
        b"Origin: null",
        b"Referer: https://evil.example/https://gpu.example/",
        b"Sec-Fetch-Site: cross-site",
    ],
)
def test_what_is_foreign_stays_foreign(line: bytes) -> None:
    head = parse_request(request(line))
    assert inward(head, NAMES).fields == head.fields


@pytest.mark.parametrize(
    ("configured", "host", "scheme", "port"),
    [
        (b"https://gpu.example", b"gpu.example", b"https", 443),
        (b"https://gpu.example", b"GPU.example:443", b"https", 443),
        (b"https://gpu.example:8443", b"gpu.example:8443", b"https", 8443),
        (b"http://[2001:db8::1]", b"[2001:db8::1]", b"http", 80),
        (b"https://[2001:db8::1]:8443", b"[2001:db8::1]:8443", b"https", 8443),
    ],
)
def test_who_asks_for_the_public_address_came_by_it(configured: bytes, host: bytes, scheme: bytes, port: int) -> None:
    arrival = by_public_way(parse_request(request(host=host)), STRANGER, configured)
    assert arrival == STRANGER._replace(scheme=scheme, port=port)


@pytest.mark.parametrize(
    ("configured", "host"),
    [(b"", b"gpu.example"), (b"https://gpu.example", b"10.0.0.1:12345"), (b"https://gpu.example", b"gpu.example:8443")],
)
def test_who_asks_for_another_came_as_the_connection_says(configured: bytes, host: bytes) -> None:
    assert by_public_way(parse_request(request(host=host)), STRANGER, configured) is STRANGER


LINK = (b"Sec-Fetch-Site: cross-site", b"Sec-Fetch-Mode: navigate", b"Sec-Fetch-Dest: document", b"Accept: text/html")


@pytest.mark.parametrize("target", [b"/", b"/?workflow=a"])
def test_following_a_link_to_the_front_door_is_no_attack(target: bytes) -> None:
    head = by_link(parse_request(request(*LINK).replace(b" / ", b" %b " % target)))
    assert b"sec-fetch-site" not in head.fields
    assert head.fields.get(b"sec-fetch-mode") == b"navigate"
    assert head.fields.get(b"accept") == b"text/html"
    assert head.target == target


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"GET / ", b"POST / "),
        (b"GET / ", b"GET /free "),
        (b"GET / ", b"GET // "),
        (b"Dest: document", b"Dest: iframe"),
        (b"Mode: navigate", b"Mode: no-cors"),
        (b"Site: cross-site", b"Site: same-origin"),
        (b"Sec-Fetch-Dest: document\r\n", b""),
    ],
)
def test_whatever_else_is_cross_site_stays_so(old: bytes, new: bytes) -> None:
    block = request(*LINK).replace(old, new)
    assert block != request(*LINK)
    head = parse_request(block)
    assert by_link(head) is head


def test_nothing_to_tell_is_the_same_head() -> None:
    head = parse_request(request(b"Accept: */*"))
    assert inward(head, NAMES) is head
    assert by_link(head) is head
    response = parse_response(answer(b"Server: x"), b"GET")
    assert outward(response, NAMES.public, OWN) is response


def test_the_services_own_location_is_told_in_the_public_name() -> None:
    lines = (
        b"Location: http://localhost:8080/login?next=/",
        b"Access-Control-Allow-Origin: http://localhost:8080",
        b"Vary: Origin",
    )
    fields = outward(parse_response(answer(*lines), b"GET"), NAMES.public, OWN).fields
    assert fields.get(b"location") == b"https://gpu.example/login?next=/"
    assert fields.get(b"access-control-allow-origin") == b"https://gpu.example"
    assert fields.get(b"vary") == b"Origin"


@pytest.mark.parametrize(
    ("host", "public", "location", "told"),
    [
        (b"localhost:8080", b"https://gpu.example", b"https://localhost:8080/docs/", b"https://gpu.example/docs/"),
        (b"localhost", b"https://gpu.example", b"https://localhost/docs/", b"https://gpu.example/docs/"),
        (b"localhost", b"http://gpu.example", b"http://localhost:80/docs/", b"http://gpu.example/docs/"),
        (b"localhost:8080", b"https://gpu.example", b"http://localhost:9090/", b"http://localhost:9090/"),
        (None, b"https://gpu.example", b"http://gpu.example/login", b"https://gpu.example/login"),
        (None, b"https://gpu.example", b"http://gpu.example:8080/", b"http://gpu.example:8080/"),
        (None, b"https://gpu.example", b"http://evil.example/", b"http://evil.example/"),
        (None, b"http://gpu.example", b"https://gpu.example/login", b"https://gpu.example/login"),
        (None, b"http://gpu.example", b"http://gpu.example/login", b"http://gpu.example/login"),
    ],
)
def test_how_a_service_calls_itself(host: bytes | None, public: bytes, location: bytes, told: bytes) -> None:
    head = parse_response(answer(b"Location: " + location), b"GET")
    own = own_origins(host, b"gpu.example", public)
    assert outward(head, public, own).fields.get(b"location") == told


@pytest.mark.parametrize(
    "line", [b"Location: /login", b"Location: https://elsewhere.example/", b"Access-Control-Allow-Origin: *"]
)
def test_another_location_is_left_alone(line: bytes) -> None:
    head = parse_response(answer(line), b"GET")
    assert outward(head, NAMES.public, OWN).fields == head.fields
