"""When a body leaves Python; what happens then, over sockets: tests/integration/test_large_*.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.wire import Wire
from webproxy.message.framing import CHUNKED, UNTIL_CLOSE
from webproxy.resources.bypass import THRESHOLD, Bypass, worthwhile


@pytest.mark.parametrize(
    ("left", "passed", "relayed"),
    [
        (0, 0, False),
        (THRESHOLD - 1, 10 * THRESHOLD, False),
        (THRESHOLD, 0, True),
        (UNTIL_CLOSE, THRESHOLD - 1, False),
        (UNTIL_CLOSE, THRESHOLD, True),
        (CHUNKED, 10 * THRESHOLD, False),
    ],
)
def test_what_is_worth_a_relay(left: int, passed: int, relayed: bool) -> None:
    assert worthwhile(left, passed) is relayed


def test_where_transports_cannot_be_joined_everything_passes_by_python() -> None:
    wire = Wire()
    client = wire.client()
    client.says(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % (3 * THRESHOLD))
    client.says(bytes(THRESHOLD))
    upstream = wire.upstream()
    client.says(bytes(2 * THRESHOLD))
    assert upstream.sees().endswith(bytes(3 * THRESHOLD))
    upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (2 * THRESHOLD))
    upstream.says(bytes(2 * THRESHOLD))
    assert client.sees().endswith(bytes(2 * THRESHOLD))
    assert [record.received for record in wire.records] == [3 * THRESHOLD]


def test_it_shows_what_runs_and_ends_it() -> None:
    class Relay:
        ended = 0

        def abandon(self) -> None:
            self.ended += 1

    bypass, relay = Bypass(), Relay()
    anything: Any = relay
    bypass.answer = bypass.body = anything
    assert "answer=<" in repr(bypass)
    bypass.end()
    bypass.end()
    assert (relay.ended, repr(bypass)) == (2, "<Bypass answer=None body=None>")
