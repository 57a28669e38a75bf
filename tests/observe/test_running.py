"""What runs, from the head of a request to the end of its answer."""

from __future__ import annotations

from time import monotonic

from tests.observe.watched import watched
from tests.scripted import CHAT, GET, OK, Scripted
from webproxy.observe.running import close, of_request, running
from webproxy.policy import Wait
from webproxy.policy.ticket import Ticket

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
SWITCHED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


def test_the_states_of_an_exchange() -> None:
    seen = watched()
    assert seen.instance.running() == []
    seen.client.says(CHAT)
    assert seen.status()["state"] == "connecting"
    upstream = seen.wire.upstream()
    assert seen.status()["state"] == "asked"
    upstream.says(OK + b"he")
    row = seen.status()
    assert (row["state"], row["method"], row["path"], row["client"]) == (
        "answering",
        "POST",
        "/api/chat",
        "203.0.113.7",
    )
    assert (row["traffic_class"], row["why"], row["limit"], row["received"]) == ("LONG", "path", 600.0, 2)
    upstream.says(b"llo")
    assert seen.instance.running() == []


def test_one_that_waits_for_a_policy() -> None:
    seen = watched(Scripted(Wait(Ticket())))
    seen.client.says(GET)
    row = seen.status()
    assert (row["state"], row["limit"], row["user"]) == ("waiting", None, "")


def test_a_tunnel() -> None:
    seen = watched()
    seen.client.says(UPGRADE)
    seen.wire.upstream().says(SWITCHED)
    assert seen.status()["state"] == "tunnel"


def test_secrets_are_not_shown() -> None:
    seen = watched()
    seen.client.says(b"GET /p;token=s3cret/x?key=s3cret HTTP/1.1\r\nHost: h\r\n\r\n")
    assert "s3cret" not in str(seen.instance.running())
    assert of_request(None) == ("-", "-")


def test_closing_one_ends_both_sides_and_no_other() -> None:
    seen = watched()
    other = seen.wire.client()
    seen.client.says(GET)
    other.says(GET)
    upstream = seen.wire.upstream()
    upstream.says(OK + b"he")
    seen.wire.upstream()
    (identity,) = (row.id for row in seen.instance.running() if row.state == "answering")
    assert not close(seen.wire.site.channels, "nobody's")
    assert close(seen.wire.site.channels, identity)
    assert seen.client.end == "aborted"
    seen.client.leaves(reset=True)
    assert upstream.end == "aborted"
    assert other.end == ""
    assert len(list(running(seen.wire.site.channels, monotonic()))) == 1
    (failed,) = seen.instance.watch.failures.last()
    assert (failed.id, failed.closed_by, failed.reason) == (identity, "operator", "an operator closed it")
