"""Which name a service insists on, found out by asking it."""

from __future__ import annotations

import pytest
from twisted.logger import capturedLogs

from tests.wire import Side, Wire
from webproxy.net.destination import Tcp, Unix
from webproxy.upstream.host_rule import local_name

GET = b"GET / HTTP/1.1\r\nHost: gpu.example\r\nOrigin: http://gpu.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"
FORBIDDEN = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


def said(asked: bytes, name: bytes) -> bytes:
    return asked.partition(b"\r\n" + name + b": ")[2].partition(b"\r\n")[0]


def questioned(wire: Wire, status: int) -> bytes:
    """The service answers a question; for which host it was."""
    side = wire.upstream()
    asked = side.sees()
    assert asked.startswith(b"HEAD / HTTP/1.1\r\n")
    side.says(b"HTTP/1.1 %d X\r\nContent-Length: 9\r\n\r\n" % status)
    assert side.end == "aborted"
    return said(asked, b"Host")


def begun() -> tuple[Wire, Side]:
    wire = Wire(upstream_host="auto")
    client = wire.client()
    client.says(GET)
    return wire, client


def test_preserve_sends_what_the_client_sent() -> None:
    wire = Wire(upstream_host="preserve")
    wire.client().says(GET)
    asked = wire.upstream().sees()
    assert (said(asked, b"Host"), said(asked, b"Origin")) == (b"gpu.example", b"http://gpu.example")


@pytest.mark.parametrize(("rule", "host"), [("rewrite", b"localhost:8080"), ("my.service", b"my.service")])
def test_rewrite_and_a_name_of_ones_own(rule: str, host: bytes) -> None:
    wire = Wire(upstream_host=rule)
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    asked = upstream.sees()
    assert (said(asked, b"Host"), said(asked, b"Origin")) == (host, b"http://" + host)
    assert said(asked, b"X-Forwarded-Host") == b"gpu.example"
    upstream.says(OK.replace(b"Date", b"Location: http://" + host + b"/next\r\nDate"))
    assert said(client.sees(), b"Location") == b"http://gpu.example/next"
    client.says(GET)
    assert said(upstream.sees(), b"Host") == host


def test_the_public_url_counts_as_the_services_own() -> None:
    wire = Wire(upstream_host="rewrite", public=b"https://pub.example")
    wire.client().says(GET.replace(b"Origin: http://gpu", b"Origin: https://pub"))
    assert said(wire.upstream().sees(), b"Origin") == b"http://localhost:8080"


def test_who_asks_for_the_public_url_came_by_its_scheme() -> None:
    wire = Wire(public=b"https://gpu.example")
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    asked = upstream.sees()
    assert (said(asked, b"X-Forwarded-Proto"), said(asked, b"X-Forwarded-Port")) == (b"https", b"443")
    upstream.says(OK)
    client.says(GET.replace(b"gpu", b"cpu"))
    asked = upstream.sees()
    assert (said(asked, b"X-Forwarded-Proto"), said(asked, b"X-Forwarded-Port")) == (b"http", b"12345")


def test_a_service_that_takes_any_name_is_asked_once() -> None:
    wire, _ = begun()
    assert questioned(wire, 200) == b"webproxy-probe.invalid"
    assert said(wire.upstream().sees(), b"Host") == b"gpu.example"


@pytest.mark.parametrize("status", [400, 403, 421])
def test_a_service_that_refuses_foreign_names_gets_its_own(status: int) -> None:
    wire, client = begun()
    assert repr(wire.forward.rule) == "<HostRule settling: as the client says>"
    assert questioned(wire, status) == b"webproxy-probe.invalid"
    assert questioned(wire, 200) == b"localhost:8080"
    upstream = wire.upstream()
    asked = upstream.sees()
    assert (said(asked, b"Host"), said(asked, b"Origin")) == (b"localhost:8080", b"http://localhost:8080")
    upstream.says(OK)
    assert client.sees() == OK
    assert repr(wire.forward.rule) == "<HostRule settled: localhost:8080>"


def test_a_service_that_refuses_everybody_gets_what_the_client_sent() -> None:
    wire, _ = begun()
    questioned(wire, 403)
    questioned(wire, 403)
    assert said(wire.upstream().sees(), b"Host") == b"gpu.example"


@pytest.mark.parametrize(
    ("statuses", "finding"),
    [
        ((200,), "takes any name: it gets the Host that clients send"),
        ((404,), "takes any name: it gets the Host that clients send"),
        ((403, 302), "refuses names that are not its own (status 403): it gets localhost:8080 as Host"),
        ((421, 421), "refuses its own name, too (status 421): it gets the Host that clients send"),
    ],
)
def test_what_was_found_out_is_told_once(statuses: tuple[int, ...], finding: str) -> None:
    with capturedLogs() as events:
        wire, client = begun()
        for _ in range(2):
            for status in statuses:
                questioned(wire, status)
            wire.upstream().says(OK.replace(b"Date", b"Connection: close\r\nDate"))
            wire.forward.rule.unsettle()
            client.says(GET)
    assert [event["finding"] for event in events if "finding" in event] == [finding]


@pytest.mark.parametrize(
    ("destination", "name"),
    [
        (Tcp("127.0.0.1", 8080), b"localhost:8080"),
        (Tcp("10.0.0.7", 80), b"localhost"),
        (Unix("/run/service.sock"), b"localhost"),
    ],
)
def test_a_services_own_name_is_what_a_browser_on_its_machine_would_say(destination: Tcp | Unix, name: bytes) -> None:
    assert local_name(destination) == name


def test_requests_that_come_meanwhile_wait() -> None:
    wire, _ = begun()
    other = wire.client()
    other.says(GET)
    assert wire.attempts == 1
    questioned(wire, 200)
    assert wire.attempts == 2


def test_a_client_that_leaves_meanwhile_costs_nothing() -> None:
    wire, client = begun()
    client.leaves()
    questioned(wire, 200)
    assert wire.attempts == 0


def test_a_service_that_does_not_answer_is_not_waited_for() -> None:
    wire, _ = begun()
    side = wire.upstream()
    wire.passes(2)
    assert side.end == "aborted"
    assert said(wire.upstream().sees(), b"Host") == b"gpu.example"


@pytest.mark.parametrize("answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 101 X\r\nUpgrade: x\r\n\r\n"])
def test_an_answer_that_is_none_settles_it_too(answer: bytes) -> None:
    wire, _ = begun()
    side = wire.upstream()
    if answer:
        side.says(answer)
    else:
        side.leaves()
        wire.upstream_refuses()  # the question whether it speaks TLS
    assert said(wire.upstream().sees(), b"Host") == b"gpu.example"


def test_a_service_that_looks_at_host_only_behind_its_front_door() -> None:
    """As Jupyter does: HEAD / is 405 and GET / a redirection, whoever asks; the place it leads to is particular."""
    wire, _ = begun()
    seen = []
    for status in (405, 302, 403, 200):
        side = wire.upstream()
        asked = side.sees()
        seen.append((asked.partition(b" HTTP")[0], said(asked, b"Host")))
        side.says(b"HTTP/1.1 %d X\r\nLocation: /tree\r\nContent-Length: 0\r\n\r\n" % status)
    assert seen == [
        (b"HEAD /", b"webproxy-probe.invalid"),
        (b"GET /", b"webproxy-probe.invalid"),
        (b"GET /tree", b"webproxy-probe.invalid"),
        (b"GET /tree", b"localhost:8080"),
    ]
    assert said(wire.upstream().sees(), b"Host") == b"localhost:8080"


def test_nobody_is_sent_from_place_to_place_for_ever() -> None:
    wire, _ = begun()
    for number in range(4):
        side = wire.upstream()
        assert said(side.sees(), b"Host") == b"webproxy-probe.invalid"
        side.says(b"HTTP/1.1 302 X\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % number)
    assert said(wire.upstream().sees(), b"Host") == b"gpu.example"


def test_a_service_that_was_too_busy_is_asked_again_later() -> None:
    wire, client = begun()
    pause = 10
    for _ in range(2):
        wire.upstream()
        wire.passes(2)
        upstream = wire.upstream()
        assert said(upstream.sees(), b"Host") == b"gpu.example"
        upstream.says(OK.replace(b"Date", b"Connection: close\r\nDate"))
        wire.passes(pause - 1)
        assert wire.forward.rule.settled
        wire.passes(1)
        assert not wire.forward.rule.settled
        client.says(GET)
        pause *= 2
    questioned(wire, 403)
    questioned(wire, 200)
    assert said(wire.upstream().sees(), b"Host") == b"localhost:8080"


def test_a_service_that_is_down_is_asked_when_it_comes_up() -> None:
    wire, client = begun()
    wire.upstream_refuses()
    wire.upstream_refuses()
    assert client.sees().startswith(b"HTTP/1.1 502 ")
    client.says(GET)
    first = wire.upstream()
    assert first.end == "closed"
    assert first.sees() == b""
    questioned(wire, 403)
    questioned(wire, 200)
    assert said(wire.upstream().sees(), b"Host") == b"localhost:8080"


def test_a_name_that_changed_is_not_remembered() -> None:
    wire, client = begun()
    questioned(wire, 200)
    upstream = wire.upstream()
    upstream.sees()
    upstream.says(OK)
    wire.forward.rule.host = b"localhost:8080"
    client.says(GET)
    assert said(upstream.sees(), b"Host") == b"localhost:8080"
