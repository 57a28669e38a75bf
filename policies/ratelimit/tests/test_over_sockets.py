"""What the README promises, through a proxy that runs."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from bcrypt import gensalt, hashpw

from webproxy.testing import Service, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from webproxy.testing import Serving

POLICIES = {"ratelimit": "webproxy_ratelimit:RateLimit"}
PATIENCE = 30.0


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(lambda asked: asked.answer(b"done")) as service:
        yield service


def limited(service: Service, settings: str, *options: str, reactor: str = "") -> AbstractContextManager[Serving]:
    """A proxy with a rate limit."""
    return serving(service.address, "--policy", f"ratelimit:{settings}", *options, policies=POLICIES, reactor=reactor)


def statuses(
    proxy: Serving, *targets: str, method: str = "GET", address: str = "127.0.0.1", fields: dict[str, str] | None = None
) -> list[int]:
    """Ask one after the other; what is answered."""
    client, found = proxy.client(address), []
    for target in targets:
        answer = client.asks(method, target, None, fields).hears()
        answer.read()
        found.append(answer.status)
    return found


@pytest.mark.parametrize("reactor", ["", "epoll"])
def test_who_asks_too_much_is_told_when_to_come_back(service: Service, reactor: str) -> None:
    with limited(service, "rate=3/h", reactor=reactor) as proxy:
        client = proxy.client()
        for _ in range(3):
            answer = client.asks("GET", "/").hears()
            assert (answer.status, answer.read(), answer.getheader("RateLimit")) == (200, b"done", None)
        refused = client.asks("GET", "/", None, {"Accept": "application/json"}).hears()
        seconds = int(refused.getheader("Retry-After") or 0)
        assert 1100 < seconds <= 1200  # a third of an hour, less what the test has taken
        assert (refused.status, refused.reason) == (429, "Too Many Requests")
        assert refused.getheader("RateLimit-Policy") == '"default";q=3;w=3600'
        assert refused.getheader("RateLimit") == f'"default";r=0;t={seconds}'
        sentence = f"More than 3 requests in 3600 s are not answered; try again in {seconds} s."
        assert sentence in json.dumps(json.loads(refused.read()))
        deadline = time.monotonic() + PATIENCE
        while f'closed_by=ratelimit note="{sentence}"' not in proxy.log():
            assert time.monotonic() < deadline, proxy.log()
            time.sleep(0.02)


def test_who_comes_back_then_is_answered(service: Service) -> None:
    with limited(service, "rate=1/s") as proxy:
        client = proxy.client()
        for _ in range(100):
            answer = client.asks("GET", "/").hears()
            answer.read()
            if answer.status == 429:
                break
        assert answer.getheader("Retry-After") == "1"
        time.sleep(1)
        assert client.asks("GET", "/").hears().status == 200


def test_addresses_are_counted_apart(service: Service) -> None:
    with limited(service, "rate=2/h") as proxy:
        assert statuses(proxy, *"///", address="127.0.0.2") == [200, 200, 429]
        assert statuses(proxy, *"///", address="127.0.0.3") == [200, 200, 429]
        read = proxy.metrics()
        assert read["webproxy_policy_ratelimit_turned_away_total"] == 2
        assert read["webproxy_policy_ratelimit_remembered"] == 2


def test_a_64_of_ipv6_is_one_address(service: Service) -> None:
    with limited(service, "rate=2/h", "--trust", "127.0.0.1") as proxy:

        def asked_from(address: str) -> list[int]:
            return statuses(proxy, *"//", fields={"X-Forwarded-For": address})

        assert asked_from("2001:db8::1") == [200, 200]
        assert asked_from("2001:db8::ffff:2") == [429, 429]
        assert asked_from("2001:db8:0:1::1") == [200, 200]


def test_a_stranger_cannot_say_that_he_is_another(service: Service) -> None:
    with limited(service, "rate=2/h") as proxy:
        found = [statuses(proxy, "/", fields={"X-Forwarded-For": f"203.0.113.{number}"}) for number in range(3)]
        assert found == [[200], [200], [429]]


def test_paths_and_classes_have_rates_of_their_own(service: Service) -> None:
    with limited(service, "rate=4/h,limits=LONG:2/h,/api/{pull,push}:2/h") as proxy:
        assert statuses(proxy, "/api/pull", "/api//PUSH", "/api/pull", method="POST") == [200, 200, 429]
        assert statuses(proxy, "/api/chat", "/v1/embeddings", "/api/chat", method="POST") == [200, 200, 429]
        assert statuses(proxy, "/", "/a", "/b", "/c", "/d") == [200, 200, 200, 200, 429]


def test_requests_that_no_rate_is_for_are_not_counted(service: Service) -> None:
    with limited(service, "rate=none,limits=LONG:1/h") as proxy:
        assert statuses(proxy, *"/" * 50) == [200] * 50
        assert statuses(proxy, "/api/chat", "/api/chat", method="POST") == [200, 429]


def test_what_was_counted_is_kept_when_other_settings_come(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "proxy.toml"
    file.write_text('policy = ["ratelimit:rate=2/h,limits=LONG:1/h"]\n')
    with serving(service.address, "--config", str(file), policies=POLICIES) as proxy:
        assert statuses(proxy, *"///") == [200, 200, 429]
        assert statuses(proxy, *["/api/chat"] * 2, method="POST") == [200, 429]
        file.write_text('policy = ["ratelimit:rate=2/h,limits=LONG:2/h"]\n')
        proxy.reload()
        assert statuses(proxy, "/") == [429]
        assert statuses(proxy, *["/api/chat"] * 3, method="POST") == [200, 200, 429]


def test_users_are_counted_wherever_they_are(service: Service, tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_bytes(b"".join(b"%b:%b\n" % (name, hashpw(name, gensalt(4))) for name in (b"anna", b"emil")))
    users.chmod(0o600)

    def as_user(proxy: Serving, name: str, address: str) -> list[int]:
        credentials = b64encode(f"{name}:{name}".encode()).decode()
        return statuses(proxy, *"//", address=address, fields={"Authorization": f"Basic {credentials}"})

    with limited(service, "rate=3/h", "--htpasswd", str(users)) as proxy:
        assert as_user(proxy, "anna", "127.0.0.2") == [200, 200]
        assert as_user(proxy, "anna", "127.0.0.3") == [200, 429]
        assert as_user(proxy, "emil", "127.0.0.3") == [200, 200]
