"""What is to be seen of a running webproxy."""

from __future__ import annotations

import json
from types import SimpleNamespace

from twisted.internet.defer import Deferred

from tests.observe.watched import watched
from tests.scripted import CHAT, GET, OK
from webproxy.observe.instance import SHOWN


def test_the_picture_of_now_is_json() -> None:
    seen = watched()
    seen.client.says(GET)
    upstream = seen.wire.upstream()
    upstream.says(OK + b"hello")
    seen.client.says(CHAT)
    now = json.loads(json.dumps(seen.instance.now()))
    assert (now["port"], now["internal"], now["up"], now["connections"], now["running"]) == (
        12345,
        "127.0.0.1:8080",
        True,
        1,
        1,
    )
    assert now["classes"]["DEFAULT"]["ended"] == 1
    assert now["exchanges"][0]["traffic_class"] == "LONG"
    assert now["failures"] == []
    assert now["public"] is None


def test_the_public_address_is_what_the_registration_says() -> None:
    seen = watched()
    said = {"state": "held", "url": "https://app", "why": ""}
    seen.instance.parts.registration = SimpleNamespace(now=lambda: said)  # type: ignore[assignment]
    assert seen.instance.now()["public"] == said


def test_a_page_has_a_bounded_number_of_rows_the_oldest_first() -> None:
    seen = watched()
    for _ in range(SHOWN + 5):
        seen.wire.client().says(GET)
    now = seen.instance.now()
    assert (now["running"], len(now["exchanges"])) == (SHOWN + 5, SHOWN)
    ages = [row["age"] for row in now["exchanges"]]
    assert ages == sorted(ages, reverse=True)


def test_ready_when_the_service_takes_a_connection() -> None:
    seen = watched()
    asked = Deferred.fromCoroutine(seen.instance.ready())
    upstream = seen.wire.upstream()
    assert asked.result == ""
    assert upstream.end == "closed"


def test_not_ready_while_it_refuses_or_while_we_drain() -> None:
    seen = watched()
    asked = Deferred.fromCoroutine(seen.instance.ready())
    seen.wire.upstream_refuses()
    assert asked.result == "nothing listens on 127.0.0.1:8080"
    seen.wire.site.drain()
    asked = Deferred.fromCoroutine(seen.instance.ready())
    assert "drains" in str(asked.result)
