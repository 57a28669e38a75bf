"""A page of another site does nothing with the user's login."""

from __future__ import annotations

import pytest

from webproxy.access.cross_site import is_foreign
from webproxy.message.parser import parse_request

POST = "POST / HTTP/1.1|Content-Length: 0"
HANDSHAKE = "GET / HTTP/1.1|Connection: Upgrade|Upgrade: websocket"
ALLOWED = frozenset((b"https://app.example",))


def foreign(written: str, host: str = "h:12345", public: bytes = b"http://h:12345") -> bool:
    first, *lines = written.split("|")
    block = "\r\n".join([first, f"Host: {host}", *lines, "", ""])
    return is_foreign(parse_request(block.encode()), public, ALLOWED)


@pytest.mark.parametrize("what", [POST, HANDSHAKE, "DELETE /x HTTP/1.1", "PUT /x HTTP/1.1|Content-Length: 0"])
@pytest.mark.parametrize(
    ("said", "is_so"),
    [
        ("", False),
        ("|Sec-Fetch-Site: same-origin", False),
        ("|Sec-Fetch-Site: none", False),
        ("|Sec-Fetch-Site: same-site", True),
        ("|Sec-Fetch-Site: cross-site", True),
        ("|Sec-Fetch-Site: same-origin, cross-site", True),
        ("|Sec-Fetch-Site: same-origin|Sec-Fetch-Site: cross-site", True),
        ("|Sec-Fetch-Site:", True),
        ("|Sec-Fetch-Site: cross-site|Origin: http://h:12345", True),
        ("|Sec-Fetch-Site: same-origin|Origin: http://evil", False),
        ("|Origin: http://h:12345", False),
        ("|Origin: https://h:12345", False),
        ("|Origin: HTTP://H:12345", False),
        ("|Origin: https://app.example", False),
        ("|Origin: https://app.example:443", False),
        ("|Origin: http://app.example", True),
        ("|Origin: http://h:12346", True),
        ("|Origin: http://h", True),
        ("|Origin: http://h:12345.evil.example", True),
        ("|Origin: http://evil.example/http://h:12345", True),
        ("|Origin: null", True),
        ("|Origin:", True),
        ("|Origin: http://h:12345|Origin: http://evil", True),
    ],
)
def test_what_changes_something_is_judged(what: str, said: str, is_so: bool) -> None:
    assert foreign(what + said) is is_so


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_free(method: str) -> None:
    assert not foreign(f"{method} / HTTP/1.1|Sec-Fetch-Site: cross-site|Origin: http://evil")


def test_without_a_port_the_scheme_s_own_is_meant() -> None:
    assert not foreign(POST + "|Origin: https://h", "h", b"http://h")
    assert not foreign(POST + "|Origin: https://h:443", "h", b"http://h")
    assert foreign(POST + "|Origin: https://h:80", "h", b"http://h")


def test_where_the_outside_is_known_to_be_https_http_is_another_origin() -> None:
    assert not foreign(POST + "|Origin: https://gpu.example", "internal:8080", b"https://gpu.example")
    assert foreign(POST + "|Origin: http://gpu.example", "gpu.example", b"https://gpu.example")
