"""What is to be seen of a router."""

from __future__ import annotations

from collections import Counter

import pytest
import pytest_twisted

from tests.router.face.pictured import DOMAIN, Router, certificate, name
from webproxy.net.tcp_info import Carried
from webproxy.router.face.picture import SHOWN


class Passage:
    def carried(self) -> Carried:
        return Carried(10, 2000)


def test_a_name_with_all_that_is_known_of_it() -> None:
    router = Router()
    router.control.internal["app-fox-chi"] = "8080"
    router.front.by_name = Counter({"app-fox-chi": 2})
    router.front.connections = 2
    router.front.traffic.began("app-fox-chi", Passage())
    router.front.traffic.refused["unknown name"] = 3
    now = router.now().now()
    (row,) = now["names"]
    assert row.pop("until") > now["time"]
    assert row == {
        "name": "app-fox-chi",
        "url": f"https://app-fox-chi.{DOMAIN}",
        "tenant": "anna",
        "machine": "10.0.0.7",
        "port": 12345,
        "internal": "8080",
        "lease": "live",
        "blocked": "",
        "padlock": {"state": "active", "not_after": 2e9, "why": ""},
        "connections": 2,
        "ended": 1,
        "received": 10,
        "sent": 2000,
    }
    assert now["total"] == {
        "names": 1,
        "live": 1,
        "connections": 2,
        "handshakes": 0,
        "refused": 3,
        "received": 10,
        "sent": 2000,
    }
    assert (now["alarm"], now["refused"], now["domain"]) == (False, {"unknown name": 3}, DOMAIN)


def test_trouble_comes_first_and_the_rest_is_counted() -> None:
    router = Router()
    router.here = [name(f"app-{number:03}") for number in range(SHOWN + 5)]
    router.here += [name("gone", until=5.0), name("off", blocked="phishing"), name("bad")]
    picture = router.now(certificate(), certificate(f"bad.{DOMAIN}", state="failed", why="urn:...:rateLimited"))
    now = picture.now()
    assert now["names"][0]["name"] == "bad"
    assert now["names"][0]["padlock"]["why"] == "urn:...:rateLimited"
    assert now["alarm"]
    assert [one["alarm"] for one in now["certificates"]] == [False, True]
    assert (len(now["names"]), now["total"]["names"], now["total"]["live"]) == (SHOWN, SHOWN + 8, SHOWN + 6)
    leases = {row["name"]: row["lease"] for row in picture.names()}
    assert (leases["gone"], leases["off"]) == ("away", "blocked")


def test_a_name_without_a_certificate_awaits_one() -> None:
    (row,) = Router().now(certificate("other.example.org")).names()
    assert row["padlock"] == {"state": "pending", "not_after": None, "why": "there is no certificate for this name"}


@pytest.mark.parametrize(
    ("running", "state", "why"),
    [
        (1, "active", ""),
        (1, "expiring", ""),
        (1, "pending", "no certificate of a public name is good at the moment"),
        (1, "failed", "no certificate of a public name is good at the moment"),
        (0, "active", "the router drains: it takes no new connections"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_ready(running: int, state: str, why: str) -> None:
    router = Router()
    router.running = running
    control = certificate("router.internal")
    assert await router.now(certificate(state=state), control).ready() == why


@pytest_twisted.ensureDeferred
async def test_a_router_that_awaits_no_certificate_is_ready() -> None:
    assert await Router().now(certificate("router.internal")).ready() == ""


def test_names_that_are_no_more_are_forgotten() -> None:
    router = Router()
    router.control.internal = {"app-fox-chi": "8080", "old": "8081"}
    for label in ("app-fox-chi", "old"):
        passage = Passage()
        router.front.traffic.began(label, passage)
        router.front.traffic.ended(label, passage)
    router.now().tidy()
    assert router.control.internal == {"app-fox-chi": "8080"}
    assert router.front.traffic.of("old").sent == 0
    assert router.front.traffic.total().sent == 4000
