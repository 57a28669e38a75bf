"""What the README promises, through a proxy that runs: clients and a service, and a line between them.

A request is named by its client and a number, ``a2``; clients are told apart by their addresses.
"""

from __future__ import annotations

import json
import time
from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from bcrypt import gensalt, hashpw

from webproxy.testing import Asked, Client, Service, Serving, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

PATIENCE = 30.0
FRONT = "webproxy_policy_queue"
POLICIES = {"queue": "webproxy_queue:Queue"}

# RFC 6455 §1.3
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
ACCEPTED = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


@pytest.fixture
def service() -> Iterator[Service]:
    with Service(lambda asked: asked.answer(b"up") if asked.target == "/up" else None) as service:
        yield service


def queued(service: Service, settings: str, *options: str, reactor: str = "") -> AbstractContextManager[Serving]:
    """A proxy with a queue."""
    return serving(service.address, "--policy", f"queue:{settings}", *options, policies=POLICIES, reactor=reactor)


def comes(proxy: Serving, name: str, target: str = "/api/chat", method: str = "POST") -> Client:
    """A client with a request."""
    client = proxy.client(f"127.0.0.{2 + ord(name[0]) - ord('a')}")
    return client.asks(method, f"{target}?{name}", b"{}", {"Content-Type": "application/json"})


def come(proxy: Serving, *names: str) -> dict[str, Client]:
    """Clients whose requests come to the proxy one after the other."""
    probe, clients = proxy.client(), {}
    for name in names:
        clients[name] = comes(proxy, name)
        for _ in range(2):  # in two rounds it has taken the connection and read the request
            assert probe.asks("GET", "/up").hears().read() == b"up"
    return clients


def reached(service: Service, name: str) -> Asked:
    """The request that reaches the service next, which is this one."""
    asked = service.next()
    assert asked.target.endswith(f"?{name}"), f"{asked.target} went first, not {name}"
    return asked


@pytest.mark.parametrize("reactor", ["", "epoll"])
def test_eight_clients_on_two_slots(service: Service, reactor: str) -> None:
    with queued(service, "slots=2,waiting=20,wait=60s", reactor=reactor) as proxy:
        clients = come(proxy, "a1", "a2", "a3", "b1", "b2", "c1", "c2", "d1")
        running = {name: reached(service, name) for name in ("a1", "a2")}
        running["a1"].begin()
        running["a1"].event(b"token")
        stream = clients["a1"].hears()
        assert (stream.readline(), stream.getheader("X-Queue-Place")) == (b"data: token\n", "0")
        assert all(client.waits() for name, client in clients.items() if name != "a1")
        assert service.nobody()

        clients["c1"].leaves()  # in line
        running["a2"].answer(b"done")
        running["a3"] = reached(service, "a3")
        clients["a1"].leaves()  # mid-stream
        running["b1"] = reached(service, "b1")
        assert running["a1"].state == "gone"

        running["a3"].answer(b"done")
        running["c2"] = reached(service, "c2")  # c's turn is c2's, now that c1 has left
        running["b1"].begin()
        running["b1"].event(b"token")
        running["b1"].end()
        running["d1"] = reached(service, "d1")
        running["c2"].begin()
        clients["c2"].leaves()  # before its stream has said anything
        running["b2"] = reached(service, "b2")
        assert service.nobody()
        for name in ("d1", "b2"):
            running[name].answer(b"done")

        answers = {name: clients[name].hears() for name in ("a2", "a3", "b1", "d1", "b2")}
        places = {name: answer.getheader("X-Queue-Place") for name, answer in answers.items()}
        assert places == {"a2": "0", "a3": "1", "b1": "2", "d1": "4", "b2": "3"}
        assert answers.pop("b1").read() == b"data: token\n\n"
        assert [answer.read() for answer in answers.values()] == [b"done"] * 4
        assert service.most == 2

        for name, client in come(proxy, "e1", "f1").items():  # the line is empty, both slots are free
            reached(service, name).answer()
            assert client.hears().getheader("X-Queue-Place") == "0"


def test_what_is_no_generation_passes_by(service: Service) -> None:
    with queued(service, "slots=1,waiting=0") as proxy:
        generation = comes(proxy, "a1")
        working = reached(service, "a1")
        for target, method in (
            ("/queue/data", "GET"),
            ("/heartbeat/x", "GET"),
            ("/view", "GET"),
            ("/prompt", "POST"),
            ("/api/tags", "GET"),
            ("/api/chat", "OPTIONS"),
        ):
            client = comes(proxy, "a2", target, method)
            reached(service, "a2").answer(b"at once")
            answer = client.hears()
            assert (answer.read(), answer.getheader("X-Queue-Place")) == (b"at once", None)
        upgrading = proxy.client().asks("GET", "/ws?a3", None, HANDSHAKE)
        reached(service, "a3").send(ACCEPTED, last=True)
        assert upgrading.hears().status == 101
        working.answer(b"done")
        assert generation.hears().read() == b"done"


def test_a_full_line_turns_away(service: Service) -> None:
    with queued(service, "slots=1,waiting=1") as proxy:
        first, second, third = come(proxy, "a1", "a2", "a3").values()
        refused = third.hears()
        assert (refused.status, refused.reason, refused.getheader("Retry-After")) == (429, "Too Many Requests", "10")
        assert "its line is full" in json.loads(refused.read())["error"]
        reached(service, "a1").answer()
        reached(service, "a2").answer()
        assert [client.hears().status for client in (first, second)] == [200, 200]
        note = 'closed_by=queue note="The service is busy, and its line is full; try again later."'
        deadline = time.monotonic() + PATIENCE
        while note not in proxy.log():
            assert time.monotonic() < deadline, proxy.log()
            time.sleep(0.02)


def test_nobody_fills_the_line_alone(service: Service) -> None:
    with queued(service, "slots=1,waiting=2") as proxy:
        clients = come(proxy, "a1", "a2", "a3", "b1")
        assert clients.pop("a3").hears().status == 429
        for name in ("a1", "a2", "b1"):
            reached(service, name).answer()
        assert [client.hears().status for client in clients.values()] == [200] * 3


def test_who_waits_too_long_is_turned_away(service: Service) -> None:
    with queued(service, "slots=1,wait=500ms") as proxy:
        first, second = come(proxy, "a1", "a2").values()
        refused = second.hears()
        assert (refused.status, refused.getheader("Retry-After")) == (429, "10")
        assert "waited 0.5 s for its turn" in json.loads(refused.read())["error"]
        reached(service, "a1").answer()
        assert first.hears().status == 200
        assert service.nobody()


def test_its_lengths_can_be_watched(service: Service) -> None:
    with queued(service, "slots=1,waiting=2") as proxy:
        clients = come(proxy, "a1", "b1", "c1", "d1")
        names = ("running", "waiting", "begun_total", "waited_total", "turned_away_total", "left_total")
        assert [proxy.metrics()[f"{FRONT}_{name}"] for name in names] == [1, 2, 1, 0, 1, 0]
        clients["b1"].leaves()
        while not proxy.metrics()[f"{FRONT}_left_total"]:
            time.sleep(0.002)
        reached(service, "a1").answer()
        reached(service, "c1").answer()
        assert [clients[name].hears().status for name in ("a1", "c1", "d1")] == [200, 200, 429]
        assert [proxy.metrics()[f"{FRONT}_{name}"] for name in names] == [0, 0, 2, 1, 1, 1]


def test_users_take_turns_wherever_they_are(service: Service, tmp_path: Path) -> None:
    users = tmp_path / "users"
    users.write_bytes(b"".join(b"%b:%b\n" % (name, hashpw(name, gensalt(4))) for name in (b"anna", b"emil")))
    users.chmod(0o600)
    with queued(service, "slots=1", "--htpasswd", str(users)) as proxy:

        def asks(name: str, number: int) -> Client:
            credentials = {"Authorization": "Basic " + b64encode(f"{name}:{name}".encode()).decode()}
            client = proxy.client(f"127.0.0.{number}").asks("POST", f"/api/chat?{name}{number}", b"{}", credentials)
            while (found := proxy.metrics())[f"{FRONT}_running"] + found[f"{FRONT}_waiting"] < number:
                time.sleep(0.002)  # bcrypt
            return client

        clients = [asks("anna", 1), asks("anna", 2), asks("anna", 3), asks("emil", 4)]
        for name in ("anna1", "anna2", "emil4", "anna3"):
            reached(service, name).answer()
        assert [client.hears().status for client in clients] == [200] * 4


def test_a_service_that_fails_frees_its_slots(service: Service) -> None:
    with queued(service, "slots=1") as proxy:
        first, second = come(proxy, "a1", "a2").values()
        reached(service, "a1").send(b"this is no HTTP\r\n\r\n")
        assert first.hears().status == 502
        reached(service, "a2").answer()
        assert second.hears().status == 200


def test_who_may_finish_for_nobody_keeps_the_slot_until_then(service: Service) -> None:
    with queued(service, "slots=1", "--on-disconnect", "drain") as proxy:
        first, second = come(proxy, "a1", "a2").values()
        working = reached(service, "a1")
        working.begin()
        first.hears()
        first.leaves()
        working.event(b"to nobody")
        assert proxy.client().asks("GET", "/up").hears().read() == b"up"
        assert service.nobody()
        working.end()
        reached(service, "a2").answer()
        assert second.hears().status == 200


def test_other_settings_hold_at_once_and_nobody_is_lost(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "proxy.toml"
    file.write_text('policy = ["queue:slots=1"]\n')
    with serving(service.address, "--config", str(file), policies=POLICIES) as proxy:
        clients = come(proxy, "a1", "b1", "c1", "d1")
        working = [reached(service, "a1")]
        file.write_text('policy = ["queue:slots=3,waiting=1"]\n')
        proxy.reload()
        working += [reached(service, name) for name in ("b1", "c1")]
        assert service.nobody()
        assert comes(proxy, "e1").hears().status == 429
        for asked in working:
            asked.answer()
        reached(service, "d1").answer()
        assert [client.hears().status for client in clients.values()] == [200] * 4
        assert service.most == 3
