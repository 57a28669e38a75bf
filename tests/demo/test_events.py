"""The tests of ``webproxy/demo/events.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.demo.service import Client, Service


def test_events_are_numbered_and_say_when_they_were_sent(service: Service, client: Client) -> None:
    client.asks("GET", "/events?count=2&interval=0.5")
    service.advance(0.5)
    answer = client.sees()
    assert answer.fields["content-type"] == "text/event-stream"
    assert answer.chunks == [
        b'id: 1\ndata: {"number":1,"of":2,"sent":0.0}\n\n',
        b'id: 2\ndata: {"number":2,"of":2,"sent":0.5}\n\n',
    ]


@pytest.mark.parametrize(("last", "first"), [("1", b"id: 2\n"), ("nonsense", b"id: 1\n"), ("-1", b"id: 1\n")])
def test_who_comes_back_gets_the_rest(client: Client, last: str, first: bytes) -> None:
    client.asks("GET", "/events?count=3", last_event_id=last)
    assert client.sees().body.startswith(first)


def test_who_has_all_of_them_is_told_to_stay_away(client: Client) -> None:
    client.asks("GET", "/events?count=3", last_event_id="3")
    assert client.sees().status == 204
