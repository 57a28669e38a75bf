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


class Joining:
    """Joins whatever it is asked to join, and moves nothing; tells who asked."""

    owner: Any = None
    running = True

    def join(self, source: Any, sink: Any, owner: Any, length: float, *, watching: bool = False) -> Joining:
        self.owner = owner
        return self

    def abandon(self) -> None:
        self.running = False


class Judgement:
    """What policies keep of an exchange: a place in a line, perhaps."""

    by_head = True
    outcome = None
    over = 0

    def answered(self, head: Any) -> Any:
        return head

    def ended(self) -> None:
        self.over += 1


@pytest.mark.parametrize("all_read", [True, False])
def test_only_what_has_not_been_read_is_drained_when_the_client_leaves(all_read: bool) -> None:
    wire = Wire(on_disconnect="drain")
    joining: Any = Joining()
    wire.forward.relays = joining
    client = wire.client()
    client.says(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    upstream = wire.upstream()
    judgement: Any = Judgement()
    client.protocol.request.judgement = judgement
    upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % THRESHOLD)
    joining.owner.moved(THRESHOLD - (0 if all_read else 7), 100)
    client.leaves()
    assert not joining.running
    assert (judgement.over, wire.pool.resting) == ((1, 1) if all_read else (0, 0))
    if not all_read:
        upstream.says(b"the end")
    assert (judgement.over, wire.pool.resting, wire.records[0].closed_by) == (1, 1, "client")


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
