"""Connections that rest, and new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from twisted.internet import error
from twisted.internet.defer import CancelledError, Deferred

from tests.handshake import ASK, SWITCH
from tests.wire import Wire
from webproxy.errors import UpstreamRefused, UpstreamTimeout
from webproxy.message.framing import CHUNKED
from webproxy.net.destination import Tcp
from webproxy.upstream import pool as module

if TYPE_CHECKING:
    from webproxy.upstream.connection import Connection

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"


def failure(attempt: Deferred[Any]) -> BaseException:
    failures: list[Any] = []
    attempt.addErrback(failures.append)
    value: BaseException = failures[0].value
    return value


def test_a_connection_rests_for_four_seconds() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK)
    assert repr(wire.pool) == "<Pool 127.0.0.1:8080 resting=1 all=1>"
    wire.passes(3.5)
    assert upstream.end == ""
    wire.passes(1)
    assert upstream.end == "closed"


def test_a_connection_that_a_slow_client_paused_reads_on_when_it_rests() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK[:-1])
    client.stalls()
    assert not upstream.transport.reading
    upstream.says(OK[-1:])
    assert upstream.transport.reading


def test_a_rested_connection_that_goes_is_forgotten() -> None:
    wire = Wire()
    wire.client().says(GET)
    upstream = wire.upstream()
    upstream.says(OK)
    upstream.leaves()
    assert wire.pool.take(b"GET", 0) is None
    assert repr(wire.pool) == "<Pool 127.0.0.1:8080 resting=0 all=0>"


def test_the_latest_used_goes_out_first() -> None:
    wire = Wire()
    for _ in range(2):
        wire.client().says(GET)
    first, second = wire.upstream(), wire.upstream()
    first.says(OK)
    second.says(OK)
    taken = [wire.pool.take(b"GET", 0) for _ in range(2)]
    assert [connection and connection.transport for connection in taken] == [second.transport, first.transport]
    assert wire.pool.take(b"GET", 0) is None


@pytest.mark.parametrize(("method", "body"), [(b"POST", 0), (b"PUT", 5), (b"GET", CHUNKED)])
def test_what_may_be_asked_only_once_takes_what_was_busy_a_moment_ago(method: bytes, body: int) -> None:
    wire = Wire()
    wire.client().says(GET)
    wire.upstream().says(OK)
    wire.passes(1.25)
    assert wire.pool.take(method, body) is None
    assert wire.pool.take(b"GET", 0) is not None


def test_and_never_one_whose_end_is_in_the_kernel_already(monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire()
    for _ in range(3):
        wire.client().says(GET)
    sides = [wire.upstream() for _ in range(3)]
    for side in sides:
        side.says(OK)
    ended = [sides[2].transport, sides[1].transport]
    monkeypatch.setattr(module, "quiet", lambda transport: transport not in ended)
    taken = wire.pool.take(b"POST", 5)
    assert taken is not None
    assert taken.transport is sides[0].transport
    assert [side.end for side in sides] == ["", "closed", "closed"]
    assert repr(wire.pool) == "<Pool 127.0.0.1:8080 resting=0 all=1>"


def test_not_more_than_a_bound_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RESTING_LIMIT", 1)
    wire = Wire()
    for _ in range(2):
        wire.client().says(GET)
    first, second = wire.upstream(), wire.upstream()
    first.says(OK)
    second.says(OK)
    assert (first.end, second.end) == ("", "closed")


def test_the_second_address_is_tried_when_the_first_refuses_and_comes_first_from_then_on() -> None:
    wire = Wire(destinations=(Tcp("127.0.0.1", 8080), Tcp("::1", 8080)))
    client = wire.client()
    client.says(GET)
    wire.upstream_refuses()
    assert wire.attempts == 1
    wire.upstream().says(OK)
    assert client.sees() == OK
    assert wire.pool.address == "[::1]:8080"


def test_down_since_is_when_it_was_first_refused() -> None:
    wire = Wire()
    assert wire.pool.down_since == wire.sweep.now
    client = wire.client()
    client.says(GET)
    wire.upstream().says(OK)
    assert wire.pool.down_since is None
    wire.passes(10)
    for _ in range(2):
        client.says(GET)
        wire.upstream_refuses()
        wire.passes(1)
    assert wire.pool.down_since == wire.sweep.now - 2


@pytest.mark.parametrize(
    ("cause", "kind", "words"),
    [
        (error.ConnectionRefusedError(), UpstreamRefused, "nothing listens on 127.0.0.1:8080"),
        (ConnectionRefusedError(), UpstreamRefused, "nothing listens on 127.0.0.1:8080"),
        (FileNotFoundError(), UpstreamRefused, "nothing listens on 127.0.0.1:8080"),
        (error.TimeoutError(), UpstreamTimeout, "did not take the connection in time"),
        (OSError(113, "No route to host"), UpstreamRefused, "No route to host"),
    ],
)
def test_what_goes_wrong_is_said_in_our_own_terms(
    monkeypatch: pytest.MonkeyPatch, cause: Exception, kind: type[Exception], words: str
) -> None:
    def connect(*_: object) -> Deferred[Connection]:
        attempt: Deferred[Connection] = Deferred()
        attempt.errback(cause)
        return attempt

    monkeypatch.setattr(module, "connect", connect)
    reason = failure(Wire().pool.connect())
    assert type(reason) is kind
    assert words in str(reason)


def test_an_attempt_may_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "connect", lambda *_: Deferred())
    attempt = Wire().pool.connect()
    attempt.cancel()
    assert isinstance(failure(attempt), CancelledError)


def test_close_ends_every_connection() -> None:
    wire = Wire()
    for request in (GET, GET, ASK):
        wire.client().says(request)
    resting, busy, given_away = wire.upstream(), wire.upstream(), wire.upstream()
    resting.says(OK)
    given_away.says(SWITCH)
    wire.pool.close()
    assert (resting.end, busy.end, given_away.end) == ("closed", "aborted", "closed")
