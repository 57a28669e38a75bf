"""How a connection ends, in Twisted's terms."""

from __future__ import annotations

from errno import ECONNRESET

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.protocol import Protocol

from tests.peers import HalfRecorder
from webproxy.net.endings import half_closeable, reason_for


def test_no_error_is_a_clean_end() -> None:
    assert reason_for(None).check(ConnectionDone)


def test_the_systems_error_is_a_lost_connection_that_names_it() -> None:
    error = ConnectionResetError(ECONNRESET, "Connection reset by peer")
    reason = reason_for(error)
    assert reason.check(ConnectionLost)
    assert "Connection reset by peer" in str(reason.value)
    assert getattr(reason.value, "__cause__", None) is error


def test_what_the_protocol_raised_is_passed_on() -> None:
    error = ZeroDivisionError()
    assert reason_for(error).value is error


def test_every_end_has_a_reason_of_its_own() -> None:
    # Raising a shared exception would pin the frames it went through.
    assert reason_for(None).value is not reason_for(None).value


def test_half_closeable() -> None:
    protocol = HalfRecorder()
    assert half_closeable(protocol) is protocol
    assert half_closeable(Protocol()) is None
    assert half_closeable(None) is None
