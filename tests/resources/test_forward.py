"""The end of the chain."""

from __future__ import annotations

from tests.wire import Wire

GET = b"GET / HTTP/1.1\r\nHost: gpu.example\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 2\r\n\r\nok"


def test_a_repeated_head_is_rewritten_once_but_for_its_id() -> None:
    wire = Wire()
    client = wire.client()
    seen: list[bytes] = []
    for _ in range(2):
        client.says(GET)
        if not seen:
            upstream = wire.upstream()
        seen.append(upstream.sees())
        upstream.says(OK)
    first, second = (block.split(b"X-Request-Id: ") for block in seen)
    assert first[0] == second[0]
    assert first[1] != second[1]


def test_another_head_is_rewritten_anew() -> None:
    wire = Wire()
    client = wire.client()
    client.says(GET)
    upstream = wire.upstream()
    upstream.says(OK)
    client.says(GET.replace(b"gpu", b"cpu"))
    assert b"Host: cpu.example\r\n" in upstream.sees().rpartition(b"GET ")[2]


def test_http_1_0_without_host_gets_the_internal_services_own_authority() -> None:
    wire = Wire()
    wire.client().says(b"GET / HTTP/1.0\r\n\r\n")
    assert b"\r\nHost: localhost:8080\r\n" in wire.upstream().sees()


def test_starting_is_a_matter_of_time() -> None:
    wire = Wire(wait_upstream=5.0)
    client = wire.client()
    assert wire.forward.starting
    client.says(GET)
    wire.upstream().says(OK)
    assert not wire.forward.starting
    wire.passes(5)
    client.says(GET)
    wire.upstream_refuses()
    assert wire.forward.starting
    wire.passes(6)
    assert not wire.forward.starting
