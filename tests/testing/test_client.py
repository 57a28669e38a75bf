"""The client in a test's hands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from webproxy.testing import Client, Service

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        yield service


def port(service: Service) -> int:
    return int(service.address.rpartition(":")[2])


def test_it_asks_and_hears_later(service: Service) -> None:
    client = Client(port(service)).asks("POST", "/a", b"body", {"X-Name": "alice"})
    asked = service.next()
    assert client.waits()
    assert (asked.target, asked.body) == ("/a", b"body")
    assert b"\r\nX-Name: alice" in asked.head
    asked.answer(b"hello")
    answer = client.hears()
    assert (answer.status, answer.read()) == (200, b"hello")
    client.asks("GET", "/b")
    service.next().answer()
    assert client.hears().read() == b""
    client.close()


def test_it_leaves_when_it_likes(service: Service) -> None:
    client = Client(port(service), "127.0.0.9").asks("GET", "/")
    asked = service.next()
    asked.begin()
    client.hears()
    client.leaves()
    other = Client(port(service)).asks("GET", "/")
    service.next()
    assert asked.state == "gone"
    other.close()
    with pytest.raises(AssertionError, match="it has left already"):
        client.leaves()
