"""Policies in the chain, as scripts of the wire."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

from tests.handshake import ASK, SWITCH
from tests.scripted import CHAT, GET, OK, Scripted, policed, status
from webproxy.policy import Changes, Deadlines, TrafficClass, Verdict, reject
from webproxy.policy.timeout import TimeoutPolicy
from webproxy.resources.policed import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.logger import LogEvent

    from tests.wire import Side, Wire


# Classes


def test_a_request_nobody_judges_is_default() -> None:
    wire, client = policed(TimeoutPolicy())
    client.says(GET)
    wire.passes(61)
    assert status(client.sees()) == 504
    assert (wire.records[0].traffic_class, wire.records[0].why) == ("DEFAULT", "")


def test_a_long_path_has_a_long_limit() -> None:
    wire, client = policed(TimeoutPolicy())
    client.says(CHAT)
    upstream = wire.upstream()
    wire.passes(599)
    assert client.sees() == b""
    wire.passes(2)
    answer = client.sees()
    assert status(answer) == 504
    assert b"600 s" in answer
    assert upstream.end == "aborted"
    assert (wire.records[0].traffic_class, wire.records[0].why) == ("LONG", "path")


def test_the_answer_may_raise_the_class_and_the_new_limit_holds_at_once() -> None:
    wire, client = policed(TimeoutPolicy())
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK[:-2] + b"Content-Disposition: attachment; filename=x\r\n\r\nhel")
    wire.passes(1700)
    assert client.end == ""
    upstream.says(b"lo")
    assert (wire.records[0].traffic_class, wire.records[0].why) == ("DEFAULT>DOWNLOAD", "content-disposition")


def test_a_class_of_ones_own_and_whose_it_is() -> None:
    verdict = Verdict(traffic_class=TrafficClass("PATIENT", 7200.0), why="renders")
    wire, client = policed(TimeoutPolicy(), Scripted(verdict))
    client.says(CHAT)
    wire.upstream().says(OK + b"hello")
    assert (wire.records[0].traffic_class, wire.records[0].why) == ("PATIENT", "scripted:renders")


def test_a_websocket_has_no_limit_unless_a_policy_sets_one() -> None:
    for limit, open_after in ((math.inf, True), (10.0, False)):
        heard: list[Any] = []
        wire, client = policed(TimeoutPolicy(websocket=limit), Scripted(heard=heard))
        client.says(ASK)
        wire.upstream().says(SWITCH)
        assert client.sees() == SWITCH
        wire.passes(1000 if open_after else 11)
        assert (client.end == "") is open_after
        assert heard[0] == ("tunnel", "/ws")


# Rejections


def test_a_rejection_reaches_the_client_and_nothing_upstream() -> None:
    verdict = reject(429, "Too many.", 7, client=Changes([("X-Why", "because")], ["Content-Type"]))
    wire, client = policed(Scripted(verdict))
    client.says(GET)
    answer = client.sees()
    assert status(answer) == 429
    # our own fields are not a policy's to remove
    for part in (b"\r\nRetry-After: 7\r\n", b"\r\nX-Why: because\r\n", b"\r\nContent-Type: ", b"Too many."):
        assert part in answer
    assert wire.attempts == 0
    record = wire.records[0]
    assert (record.closed_by, record.note) == ("scripted", "Too many.")


def test_a_rejection_of_the_answer_replaces_it() -> None:
    wire, client = policed(Scripted(response=reject(502, "Not this.")))
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK + b"secret"[:5])
    answer = client.sees()
    assert status(answer) == 502
    assert b"secre" not in answer
    assert upstream.end == "aborted"
    client.says(GET)
    assert wire.attempts == 1


def test_a_rejected_tunnel_is_none() -> None:
    wire, client = policed(Scripted(response=reject(403, "No tunnels.")))
    client.says(ASK)
    upstream = wire.upstream()
    upstream.says(SWITCH)
    assert status(client.sees()) == 403
    assert upstream.end == "aborted"


# Fields


def test_fields_towards_upstream_are_taken_away_and_added() -> None:
    changes = Changes([("X-Forwarded-User", "ada"), ("X-New", "1")], ["Accept"])
    wire, client = policed(Scripted(Verdict(upstream=changes)))
    client.says(GET[:-2] + b"Accept: */*\r\nX-Kept: 1\r\n\r\n")
    asked = wire.upstream().sees()
    for line in (b"\r\nX-Forwarded-User: ada\r\n", b"\r\nX-New: 1\r\n", b"\r\nX-Kept: 1\r\n"):
        assert line in asked
    assert b"Accept" not in asked


def test_fields_towards_the_client_are_taken_away_and_added() -> None:
    changes = Changes([("X-Place", "3")], ["Server"])
    wire, client = policed(Scripted(Verdict(client=changes)))
    client.says(GET)
    wire.upstream().says(OK[:-2] + b"Server: x\r\n\r\nhello")
    answer = client.sees()
    assert b"\r\nX-Place: 3\r\n" in answer
    assert b"Server" not in answer
    assert answer.endswith(b"\r\n\r\nhello")


# Deadlines


def test_the_head_may_have_a_limit_of_its_own() -> None:
    wire, client = policed(Scripted(Verdict(deadlines=Deadlines(head=5, idle=100))))
    client.says(GET)
    upstream = wire.upstream()
    wire.passes(4)
    upstream.says(OK)
    wire.passes(99)
    assert client.end == ""
    wire.passes(2)
    assert client.end == "closed"
    client = wire.client()
    client.says(GET)
    wire.upstream()
    wire.passes(6)
    assert status(client.sees()) == 504


def test_an_upload_may_have_a_limit_of_its_own() -> None:
    wire, client = policed(Scripted(Verdict(deadlines=Deadlines(upload=5, head=100))))
    client.says(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
    wire.upstream()
    for byte in (b"a", b"b", b"c"):
        wire.passes(4)
        client.says(byte)
    wire.passes(99)
    assert client.sees() == b""
    wire.passes(2)
    assert status(client.sees()) == 504


def test_a_stalled_client_may_have_a_limit_of_its_own() -> None:
    wire, client = policed(Scripted(Verdict(deadlines=Deadlines(stall=100, idle=5))))
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK)
    client.stalls()
    wire.passes(99)
    assert client.end == ""
    client.catches_up()
    wire.passes(6)
    assert client.end == "closed"


def test_connecting_may_have_a_limit_of_its_own() -> None:
    wire, client = policed(Scripted(Verdict(deadlines=Deadlines(connect=3))))
    client.says(GET)
    assert wire.reactor.tcpClients[0][3] == 3


# What policies raise, and what they hear


def test_a_policy_that_raises_costs_no_request(logged: list[LogEvent]) -> None:
    def broken(_: Any) -> Any:
        raise ZeroDivisionError

    wire, client = policed(Scripted(broken, broken), report=Report(lambda: 0.0))
    for _ in range(2):
        client.says(GET)
        if not wire.records:
            upstream = wire.upstream()
        upstream.says(OK + b"hello")
        assert client.sees() == OK + b"hello"
    failures = [event for event in logged if "log_failure" in event]
    assert len(failures) == 1
    assert failures[0]["name"] == "scripted"
    assert failures[0]["id"] == wire.records[0].id.decode()


def test_a_mistake_is_logged_once_a_minute(logged: list[LogEvent]) -> None:
    times = iter([0.0, 59.0, 60.0])
    report = Report(lambda: next(times))
    for _ in range(3):
        report("broken", ValueError(), "id")
    assert len(logged) == 2


@pytest.mark.parametrize(
    ("act", "heard"),
    [
        (lambda wire, client: wire.upstream().says(OK + b"hello"), (200, "")),
        (lambda wire, client: wire.upstream_refuses(), (502, "upstream")),
        (lambda wire, client: client.leaves(), (499, "client")),
        (lambda wire, client: wire.passes(61), (504, "idle")),
    ],
)
def test_policies_hear_how_an_exchange_ended(act: Callable[[Wire, Side], None], heard: tuple[int, str]) -> None:
    policy = Scripted()
    wire, client = policed(policy)
    client.says(GET)
    act(wire, client)
    assert policy.heard == [("/v1/models", *heard)]


def test_a_chain_that_hears_nothing_is_not_told() -> None:
    wire, client = policed()
    client.says(GET)
    wire.upstream().says(OK + b"hello")
    assert client.sees() == OK + b"hello"
