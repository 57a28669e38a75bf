"""The tests of ``webproxy/demo/fields.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress

from webproxy.demo.fields import show_address, show_value

if TYPE_CHECKING:
    from tests.demo.service import Client


def test_shows_the_head_of_the_request(client: Client) -> None:
    client.asks("GET", "/fields?x=%C3%A4", x_forwarded_for="203.0.113.7", accept="a, b")
    told = client.sees().json
    assert (told["method"], told["target"], told["protocol"]) == ("GET", "/fields?x=%C3%A4", "HTTP/1.1")
    assert (told["client"], told["service"]) == ("127.0.0.1:5555", "127.0.0.1:8080")
    assert told["fields"] == [["Host", "demo"], ["X-Forwarded-For", "203.0.113.7"], ["Accept", "a, b"]]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_answers_every_usual_method_and_every_path_below(client: Client, method: str) -> None:
    client.asks(method, "/fields/deep/below")
    told = client.sees().json
    assert (told["method"], told["target"]) == (method, "/fields/deep/below")


def test_repeated_fields_stay_apart(client: Client) -> None:
    client.says(b"GET /fields HTTP/1.1\r\nHost: demo\r\nX-A: 1\r\nX-A: 2\r\n\r\n")
    assert client.sees().json["fields"][1:] == [["X-A", "1"], ["X-A", "2"]]


@pytest.mark.parametrize("name", [b"Authorization", b"Cookie", b"Proxy-Authorization", b"X-API-Key", b"X-Webproxy-Key"])
def test_hides_what_is_a_credential_and_shows_that_it_came(name: bytes) -> None:
    assert show_value(name, b"Basic secret") == "(hidden, 12 bytes)"


def test_shows_bytes_that_are_no_text() -> None:
    assert show_value(b"X-A", b"a\xff") == "a\ufffd"


def test_addresses_as_users_write_them() -> None:
    assert show_address(IPv4Address("TCP", "127.0.0.1", 80)) == "127.0.0.1:80"
    assert show_address(IPv6Address("TCP", "::1", 80)) == "[::1]:80"
    assert show_address(UNIXAddress(b"/run/x.sock")) == "UNIXAddress('/run/x.sock')"
