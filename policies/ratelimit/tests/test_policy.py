"""Which rate a request has, whose bucket it takes from, and what is said when that is empty."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from webproxy.policy import Policy, TrafficClass, Verdict
from webproxy.testing import PolicyConformance, chain_of, request
from webproxy_ratelimit import RateLimit
from webproxy_ratelimit.settings import Rate, limits

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.policy import RequestHead

DEFAULT, LONG, DOWNLOAD = (TrafficClass(name, 60.0) for name in ("DEFAULT", "LONG", "DOWNLOAD"))
MOST_US = 2.0


class TestRateLimit(PolicyConformance):
    """What every policy owes the proxy."""

    def make_policy(self) -> RateLimit:
        return RateLimit(rate=Rate(1_000_000, 1), limits=limits("LONG:1000000/s,/api/**:1000000/s"))


class Door:
    """A rate limit, and requests before it."""

    def __init__(self, rate: Rate | None, given: str = "", **more: Any) -> None:
        self.now = 1000.0
        self.policy = RateLimit(rate=rate, limits=limits(given), clock=lambda: self.now, **more)

    def lets(self, attempts: int, target: str = "/", current: TrafficClass = DEFAULT, **of_request: Any) -> int:
        """How many of so many requests go on."""
        asked = request("GET", target, **of_request)
        said = [self.policy.request_classified(asked, current) for _ in range(attempts)]
        return said.count(None)


def test_so_many_requests_in_a_time() -> None:
    door = Door(Rate(5, 10))
    assert door.lets(9) == 5
    door.now += 4
    assert door.lets(9) == 2


def test_addresses_are_counted_apart_and_a_64_as_one() -> None:
    door = Door(Rate(5, 10))
    clients = ["203.0.113.7", "203.0.113.8", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1", ""]
    assert [door.lets(9, client=client) for client in clients] == [5, 5, 5, 0, 5, 5]


def test_users_are_counted_wherever_they_are() -> None:
    door = Door(Rate(5, 10))
    assert door.lets(3, user="alice", client="203.0.113.7") == 3
    assert door.lets(3, user="alice", client="203.0.113.8") == 2
    assert door.lets(9, user="bob", client="203.0.113.7") == 5
    assert door.lets(9, client="203.0.113.7") == 5


def test_addresses_may_be_counted_whoever_is_there() -> None:
    door = Door(Rate(5, 10), by="address")
    assert door.lets(3, user="alice", client="203.0.113.7") == 3
    assert door.lets(3, user="bob", client="203.0.113.7") == 2


def test_each_request_has_one_rate_its_paths_before_its_classs() -> None:
    door = Door(Rate(5, 10), "LONG:2/m,/api/pull:1/h,/v1/**:3/m")
    assert door.lets(9, "/api/pull", LONG) == 1
    assert door.lets(9, "/v1/chat/completions", LONG) == 3
    assert door.lets(9, "/api/chat", LONG) == 2
    assert door.lets(9, "/sdapi/v1/txt2img", LONG) == 0
    assert door.lets(9, "/models/x", DOWNLOAD) == 5
    assert door.lets(9, "/") == 0


@pytest.mark.parametrize("target", ["/api/pull/", "//api/%70ull?x=1", "/API/Pull", "/ollama/api/pull"])
def test_a_path_counts_however_it_is_written(target: str) -> None:
    door = Door(None, "/api/pull:1/h")
    assert door.lets(3, "/api/pull") == 1
    assert door.lets(3, target) == 0


def test_paths_of_any_length_are_found() -> None:
    door = Door(None, "/v1/**:1/h")
    assert door.lets(3, "/v1/" + "a" * 5000) == 1


def test_what_has_no_rate_is_not_counted() -> None:
    door = Door(None, "LONG:1/m")
    assert door.lets(50) == 50
    assert door.lets(50, current=LONG) == 1
    assert repr(door.policy) == "<RateLimit 1 rates, 49 turned away>"


class Chats(Policy):
    """Another policy, which says what is LONG."""

    def request_received(self, request: RequestHead) -> Verdict | None:
        return Verdict(traffic_class=LONG) if request.path == "/api/chat" else None


def test_the_class_is_what_others_have_said() -> None:
    chain = chain_of(Chats(), Door(None, "LONG:1/m").policy)

    def status(asked: RequestHead) -> int | None:
        outcome = chain.request_received(asked)
        assert isinstance(outcome, tuple)
        return outcome.rejection.status if outcome.rejection else None

    assert [status(request("POST", "/api/chat")) for _ in range(2)] == [None, 429]
    assert [status(request("GET", "/")) for _ in range(2)] == [None, None]


def test_who_is_turned_away_is_told_all_that_there_is_to_know() -> None:
    door = Door(Rate(3, 60), r'/a"\b:1/s')
    door.lets(3)
    said = door.policy.request_classified(request(), DEFAULT)
    assert said is not None
    assert said.rejection is not None
    assert said.client is not None
    assert (said.rejection.status, said.rejection.retry_after) == (429, 20)
    assert said.rejection.reason == "More than 3 requests in 60 s are not answered; try again in 20 s."
    assert said.client.add == (("RateLimit-Policy", '"default";q=3;w=60'), ("RateLimit", '"default";r=0;t=20'))
    door.lets(1, '/a"%5Cb')
    said = door.policy.request_classified(request("GET", '/a"%5Cb'), DEFAULT)
    assert said is not None
    assert said.client is not None
    assert dict(said.client.add)["RateLimit-Policy"] == r'"/a\"\\b";q=1;w=1'


def test_what_it_does_can_be_watched() -> None:
    door = Door(Rate(3, 60), "LONG:1/m")
    door.lets(5)
    door.lets(5, current=LONG)
    door.lets(1, client="203.0.113.9")
    assert {metric.name: metric.read() for metric in door.policy.metrics()} == {"turned_away": 6, "remembered": 3}


def test_other_settings_keep_the_buckets_of_rates_that_stay() -> None:
    door = Door(Rate(3, 60), "LONG:1/m,/a:2/m")
    assert [door.lets(9), door.lets(9, current=LONG), door.lets(9, "/a")] == [3, 1, 2]
    before = chain_of(door.policy)
    door.policy = RateLimit(rate=Rate(3, 60), limits=limits("LONG:5/m,/a:2/m"), clock=lambda: door.now)
    chain_of(door.policy).follow(before)
    assert [door.lets(9), door.lets(9, current=LONG), door.lets(9, "/a")] == [0, 5, 0]
    assert {metric.name: metric.read() for metric in door.policy.metrics()}["turned_away"] == 6 + 8 + 7 + 9 + 4 + 9


def cost(policy: RateLimit, asked: list[RequestHead]) -> float:
    """CPU seconds that a request takes: the least of several batches, which nothing has disturbed."""

    def spent(ask: Callable[[RequestHead, TrafficClass], object]) -> float:
        best = float("inf")
        for _ in range(40):
            began = time.process_time()
            for one in asked:
                ask(one, LONG)
            best = min(best, time.process_time() - began)
        return best / len(asked)

    return spent(policy.request_classified) - spent(lambda _asked, _current: None)


@pytest.mark.parametrize("given", ["", "LONG:900000000/s,/api/pull:2/h"])
def test_a_request_costs_little(given: str) -> None:
    paths = ["/", "/v1/chat/completions", "/api/chat", "/assets/app.js?v=7"]
    clients = [f"203.0.{number >> 8}.{number & 255}" for number in range(1500)]
    clients += [f"2001:db8:0:{number:x}::1" for number in range(500)]
    asked = [request("GET", paths[number % 4], client=client) for number, client in enumerate(clients)]
    microseconds = 1e6 * cost(RateLimit(rate=Rate(900_000_000, 1), limits=limits(given)), asked)
    watched = sys.gettrace() is not None or "coverage" in sys.modules  # which multiplies every figure
    assert microseconds < (20 * MOST_US if watched else MOST_US)
