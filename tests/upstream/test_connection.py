"""One connection to the internal service, as a script of the wire."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface.verify import verifyObject

from tests.wire import Side, Transport, Wire
from webproxy.errors import UpstreamError, UpstreamGone, UpstreamProtocolError, UpstreamTimeout
from webproxy.upstream.connection import Connection


class Asker:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def interim(self, head: Any, block: bytes) -> None:
        self.heard.append((head.status, block))

    def upgraded(self, head: Any, block: bytes) -> None:
        self.heard.append(("upgraded", block))

    def answered(self, head: Any, data: bytes, complete: bool) -> None:
        self.heard.append((head.status, data, complete))

    def data_received(self, data: bytes, complete: bool) -> None:
        self.heard.append((data, complete))

    def upstream_stalled(self) -> None:
        self.heard.append("stalled")

    def upstream_ready(self) -> None:
        self.heard.append("ready")

    def failed(self, error: UpstreamError) -> None:
        self.heard.append(error)


def asked(method: bytes = b"GET") -> tuple[Connection, Side, Asker]:
    connection = Connection(Wire().pool)
    side = Side(connection, Transport())
    asker = Asker()
    connection.ask(asker, method, b"head")
    assert side.sees() == b"head"
    return connection, side, asker


def failure(asker: Asker) -> UpstreamError:
    error = asker.heard[-1]
    assert isinstance(error, UpstreamError)
    return error


def test_it_is_what_transports_expect() -> None:
    connection, _, _ = asked()
    verifyObject(IProtocol, connection)
    verifyObject(IPushProducer, connection)
    connection.stopProducing()


def test_its_state_is_readable() -> None:
    connection, side, _ = asked()
    assert repr(connection) == "<Connection asked sent=4 body=None>"
    side.says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel")
    assert repr(connection) == "<Connection answering sent=4 body=<Extent left=2>>"
    side.says(b"lo")
    assert repr(connection).startswith("<Connection resting")


def test_bytes_sent_are_counted() -> None:
    connection, side, _ = asked()
    connection.write(b"body")
    assert connection.sent == 8
    side.leaves()


def test_a_whole_answer_in_one_piece_is_one_call() -> None:
    connection, side, asker = asked()
    side.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    assert asker.heard == [(200, b"ok", True)]
    assert connection.reusable


def test_a_whole_chunked_answer_in_one_piece_is_one_call() -> None:
    connection, side, asker = asked()
    side.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n")
    assert asker.heard == [(200, b"2\r\nok\r\n0\r\n\r\n", True)]
    assert connection.reusable


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x15\x03\x03\x00\x02\x02\x50",
        b"HTTP/1.1 200 OK\nX: y\n\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000,
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_not_sound_http_is_a_protocol_error(data: bytes) -> None:
    _, side, asker = asked()
    side.says(data)
    assert isinstance(failure(asker), UpstreamProtocolError)
    assert side.end == "aborted"


def test_a_chunk_that_is_malformed_later_is_a_protocol_error_too() -> None:
    _, side, asker = asked()
    side.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n")
    side.says(b"zz\r\n")
    assert isinstance(failure(asker), UpstreamProtocolError)


def test_an_answer_without_a_body_may_be_followed_by_nothing() -> None:
    connection, side, asker = asked()
    side.says(b"HTTP/1.1 204 No Content\r\n\r\nmore")
    assert asker.heard == [(204, b"", True)]
    assert not connection.reusable


def test_bytes_right_behind_a_101_belong_to_the_tunnel() -> None:
    _, side, asker = asked()
    switch = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
    side.says(switch + b"frame")
    assert asker.heard == [("upgraded", switch), (b"frame", False)]
    side.leaves()
    assert asker.heard[-1] == (b"", True)


def test_gone_says_whether_an_answer_had_begun() -> None:
    _, side, asker = asked()
    side.leaves()
    error = failure(asker)
    assert isinstance(error, UpstreamGone)
    assert (error.bytes_sent, error.head_received) == (4, False)
    _, side, asker = asked()
    side.says(b"HTTP/1.1 2")
    side.leaves()
    error = failure(asker)
    assert isinstance(error, UpstreamGone)
    assert error.head_received


def test_a_connection_that_is_silent_for_its_limit_gives_up() -> None:
    wire = Wire()
    connection = Connection(wire.pool)
    side = Side(connection, Transport())
    asker = Asker()
    connection.ask(asker, b"GET", b"head")
    connection.touch(10)
    wire.sweep.add(connection)
    wire.passes(11)
    assert isinstance(failure(asker), UpstreamTimeout)
    assert side.end == "aborted"


def test_back_pressure_is_passed_on_while_somebody_asks() -> None:
    connection, side, asker = asked()
    side.stalls()
    side.catches_up()
    assert asker.heard == ["stalled", "ready"]
    connection.abort()
    side.stalls()
    side.catches_up()
    assert asker.heard == ["stalled", "ready"]


@pytest.mark.parametrize(
    ("method", "field"), [(b"GET", b"Set-Cookie: a=b\r\n"), (b"HEAD", b""), (b"GET", b"X: " + b"x" * 5000 + b"\r\n")]
)
def test_what_must_not_be_remembered_is_not(method: bytes, field: bytes) -> None:
    connection, side, _ = asked(method)
    side.says(b"HTTP/1.1 200 OK\r\n" + field + b"Content-Length: 0\r\n\r\n")
    assert connection.remembered is None


def test_a_repeated_head_is_not_parsed_again() -> None:
    connection, side, asker = asked()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    side.says(answer + b"ok")
    first = connection.remembered
    connection.ask(asker, b"GET", b"head")
    side.says(answer + b"no")
    assert connection.remembered is first
    assert asker.heard == [(200, b"ok", True), (200, b"no", True)]


def test_a_remembered_head_is_not_taken_for_the_answer_to_head() -> None:
    connection, side, asker = asked()
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    side.says(answer + b"ok")
    connection.ask(asker, b"HEAD", b"head")
    side.says(answer)
    assert asker.heard[-1] == (200, b"", True)
