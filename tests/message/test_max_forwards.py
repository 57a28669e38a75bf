"""RFC 9110 §7.6.2: OPTIONS and TRACE go only so far."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.message.sound import wire
from webproxy.message.max_forwards import ends_here, remaining
from webproxy.message.parser import parse_request

if TYPE_CHECKING:
    from webproxy.message.head import RequestHead


def request(method: bytes, *lines: bytes) -> RequestHead:
    return parse_request(wire(method + b" / HTTP/1.1", b"Host: a.example", *lines))


@pytest.mark.parametrize("value", [b"-1", b"many", b"", b"1.5", b"1, 2", b"1234567890"])
def test_what_is_no_number_limits_nothing(value: bytes) -> None:
    head = request(b"OPTIONS", b"Max-Forwards: " + value)
    assert remaining(head) is None
    assert not ends_here(head)


@pytest.mark.parametrize(
    ("method", "lines", "ends"),
    [
        (b"OPTIONS", [b"Max-Forwards: 0"], True),
        (b"TRACE", [b"Max-Forwards: 00"], True),
        (b"OPTIONS", [b"Max-Forwards: 1"], False),
        (b"OPTIONS", [b"Max-Forwards: -1"], False),
        (b"OPTIONS", [], False),
        (b"GET", [b"Max-Forwards: 0"], False),
    ],
)
def test_rfc9110_7_6_2_at_zero_a_request_ends_here(method: bytes, lines: list[bytes], ends: bool) -> None:
    assert ends_here(request(method, *lines)) is ends
