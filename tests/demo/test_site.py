"""The tests of ``webproxy/demo/site.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.demo.service import Client, Service

PATHS = [
    "/", "/demo.js", "/fields", "/stats", "/events?count=1", "/download?size=1", "/v1/models", "/api/tags",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_answers(client: Client, path: str) -> None:
    client.asks("GET", path)
    assert client.sees().status == 200


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/../etc/passwd", "/page/index.html"])
def test_has_nothing_else(client: Client, path: str) -> None:
    client.asks("GET", path)
    assert client.sees().status == 404


def test_stats_are_the_tallies(service: Service, client: Client) -> None:
    other = service.client()
    other.asks("GET", "/events?interval=1")
    client.asks("GET", "/stats")
    assert client.sees().json == service.tallies.as_json()
    assert service.tallies.streams.running == 1


def test_a_connection_may_be_idle_for_as_long_as_it_likes(service: Service, client: Client) -> None:
    client.asks("GET", "/stats")
    client.takes()
    service.advance(86400)
    client.asks("GET", "/stats")
    assert client.sees().status == 200
