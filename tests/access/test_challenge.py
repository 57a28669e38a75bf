"""Basic for whoever can ask a person, Bearer for whoever shows that it cannot."""

from __future__ import annotations

import pytest

from webproxy.access.challenge import BASIC, BEARER, BEARER_INVALID, challenge
from webproxy.message.parser import parse_request


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], BASIC),
        (["Accept: */*"], BASIC),
        (["Accept: text/html,application/xhtml+xml,*/*;q=0.8"], BASIC),
        (["Accept: text/html, application/json"], BASIC),
        (["Sec-Fetch-Mode: navigate", "Accept: application/json"], BASIC),
        (["Authorization: Bearer x"], BASIC),
        (["Sec-Fetch-Mode: cors"], BEARER),
        (["Sec-Fetch-Mode: websocket"], BEARER),
        (["Sec-Fetch-Mode: no-cors", "Accept: text/html"], BEARER),
        (["X-Requested-With: XMLHttpRequest", "Accept: text/html"], BEARER),
        (["Accept: application/json"], BEARER),
        (["Accept: Application/X-NDJSON"], BEARER),
        (["Accept: text/event-stream"], BEARER),
        (["Accept: application/json", "Authorization: Bearer x"], BEARER_INVALID),
    ],
)
def test_whom_what_is_offered(lines: list[str], expected: tuple[bytes, bytes]) -> None:
    block = "\r\n".join(["GET / HTTP/1.1", "Host: h", *lines, "", ""]).encode()
    assert challenge(parse_request(block)) == expected
