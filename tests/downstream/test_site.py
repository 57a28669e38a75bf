"""What the connections of one proxy share."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import pytest
from twisted.internet.interfaces import IProtocolFactory
from zope.interface.verify import verifyObject

from tests.wire import Wire
from webproxy.downstream.limits import Limits
from webproxy.downstream.site import Site
from webproxy.resources.chain import StreamingResource

if TYPE_CHECKING:
    from twisted.logger import LogEvent

    from webproxy.downstream.request import Request

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


class Broken(StreamingResource):
    """Raises, at a moment of the test's choice."""

    def __init__(self, when: str) -> None:
        self.when = when

    def render(self, request: Request) -> int:
        if self.when == "answering":
            request.begin(200, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe")
        if self.when == "ended":
            request.answer(200, "fine")
        raise ZeroDivisionError


def test_it_is_a_factory() -> None:
    site = Wire().site
    verifyObject(IProtocolFactory, site)
    site.doStart()
    site.doStop()


def test_its_state_is_readable() -> None:
    wire = Wire()
    wire.client()
    assert repr(wire.site) == "<Site port=12345 channels=1>"
    wire.site.drain()
    assert repr(wire.site) == "<Site port=12345 channels=1 draining>"


def test_ids_differ() -> None:
    site = Wire().site
    ids = {site.next_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert ids.isdisjoint({Wire().site.next_id() for _ in range(10)})


def test_the_date_is_todays_and_made_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    site = Wire().site
    monkeypatch.setattr(time, "time", lambda: 1795382032.5)
    date = Site.date(site)
    assert date == b"Sun, 22 Nov 2026 21:13:52 GMT"
    assert parsedate_to_datetime(date.decode()).timestamp() == 1795382032
    assert Site.date(site) is date


@pytest.mark.parametrize(
    ("when", "answer", "end"),
    [
        ("open", b"HTTP/1.1 500 ", ""),
        ("answering", b"HTTP/1.1 200 ", "aborted"),
        ("ended", b"HTTP/1.1 200 ", ""),
    ],
)
def test_a_resource_that_raises_costs_its_own_exchange(
    when: str, answer: bytes, end: str, logged: list[LogEvent]
) -> None:
    wire = Wire(Broken(when))
    client = wire.client()
    client.says(GET)
    assert client.sees().startswith(answer)
    assert client.end == end
    assert len(wire.records) == 1
    assert [event["log_failure"].type for event in logged if "log_failure" in event] == [ZeroDivisionError]
    wire.client().says(GET)
    assert len(wire.records) == 2


def test_drain_fires_when_the_last_connection_is_gone() -> None:
    wire = Wire()
    first, second = wire.client(), wire.client()
    first.says(GET)
    drained = wire.site.drain()
    second.leaves()
    assert not drained.called
    first.leaves()
    assert drained.called
    assert wire.site.drain().called


def test_who_comes_while_draining_is_sent_away() -> None:
    wire = Wire()
    wire.site.drain()
    assert wire.client().end == "closed"


def test_more_clients_than_the_limit_are_503() -> None:
    wire = Wire(limits=Limits(connections=2))
    first, second, third = (wire.client(f"203.0.113.{index}") for index in range(3))
    assert (first.end, second.end) == ("", "")
    assert third.sees().startswith(b"HTTP/1.1 503 ")
    assert third.end == "finished"
    first.leaves()
    third.leaves()
    assert wire.client().end == ""


def test_more_connections_than_the_limit_from_one_place_are_429() -> None:
    wire = Wire(limits=Limits(connections_per_address=2))
    for host in ("2001:db8::1", "2001:db8::2"):
        assert wire.client(host).end == ""
    assert wire.client("2001:db8::3").sees().startswith(b"HTTP/1.1 429 ")
    other = wire.client("2001:db8:0:1::1")
    assert other.end == ""
    other.leaves()
    assert wire.client("2001:db8:0:1::1").end == ""


def test_cut_ends_what_is_left_and_writes_it_down() -> None:
    wire = Wire()
    running, resting = wire.client(), wire.client()
    running.says(GET)
    wire.site.cut()
    assert running.end == resting.end == "aborted"
    running.leaves()
    assert [record.closed_by for record in wire.records] == ["drain"]
