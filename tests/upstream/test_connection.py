"""One connection to the internal service, as a script of the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.interfaces import IProtocol, IPushProducer
from zope.interface.verify import verifyObject

from tests.upstream.asking import Asker, asked, failure
from tests.wire import Side, Transport, Wire
from webproxy.errors import UpstreamGone, UpstreamTimeout
from webproxy.upstream import connection as module
from webproxy.upstream.connection import Connection

if TYPE_CHECKING:
    import pytest


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


WHOLE = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno"


def test_what_was_said_before_it_broke_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, side, asker = asked()
    monkeypatch.setattr(module, "last_words", lambda transport: WHOLE)
    side.leaves(reset=True)
    assert asker.heard == [(413, b"no", True)]
    assert not connection.reusable


def test_a_part_of_an_answer_is_not_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    _, side, asker = asked()
    monkeypatch.setattr(module, "last_words", lambda transport: WHOLE[:-1])
    side.leaves(reset=True)
    assert asker.heard[0] == (413, b"n", False)
    assert isinstance(failure(asker), UpstreamGone)


def test_who_is_not_read_is_not_heard_either(monkeypatch: pytest.MonkeyPatch) -> None:
    connection, side, asker = asked()
    monkeypatch.setattr(module, "last_words", lambda transport: WHOLE)
    connection.pause()
    side.leaves(reset=True)
    assert isinstance(failure(asker), UpstreamGone)
    assert not side.read_from
    connection.resume()
    connection.pause()
    assert not side.read_from
