"""A body that goes past us is counted and limited as any other; over sockets: tests/integration/test_large_*.py."""

from __future__ import annotations

from tests.wire import Side, Wire
from webproxy.downstream.limits import Limits

MIB = 1 << 20


def uploading(wire: Wire, size: int = 3 * MIB) -> tuple[Side, Side]:
    """A client whose body is awaited, and upstream that has the head."""
    client = wire.client()
    client.says(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n" % size)
    upstream = wire.upstream()
    upstream.sees()
    return client, upstream


def test_it_is_counted_and_moves_the_deadline() -> None:
    wire = Wire(idle=10)
    client, upstream = uploading(wire)
    channel = client.protocol
    wire.passes(6)
    channel.body_passed(2 * MIB)
    assert channel.body_left == MIB
    wire.passes(6)
    assert client.sees() == b""
    channel.body_passed(MIB)
    assert channel.body_left == 0
    upstream.says(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    assert [(record.received, record.status) for record in wire.records] == [(3 * MIB, 200)]
    channel.body_passed(1)


def test_one_that_comes_too_slowly_is_refused() -> None:
    wire = Wire(limits=Limits(upload_rate=1000, upload_grace=5))
    client, _ = uploading(wire)
    wire.passes(10)
    client.protocol.body_passed(100)
    assert client.sees().startswith(b"HTTP/1.1 408 ")


def test_time_in_which_the_service_does_not_keep_up_is_not_the_clients() -> None:
    wire = Wire(limits=Limits(upload_rate=1000, upload_grace=5))
    client, _ = uploading(wire)
    channel = client.protocol
    channel.body_waits()
    assert channel.body_stalled
    wire.passes(20)
    channel.body_goes_on()
    assert not channel.body_stalled
    channel.body_passed(100)
    assert client.sees() == b""


def test_whoever_takes_over_takes_pauses_over_too() -> None:
    wire = Wire()
    client, _ = uploading(wire)
    channel = client.protocol
    channel.pause_body()
    assert channel.paused
    channel.bypassed()
    assert not channel.paused
    channel.bypassed()


def test_a_lost_client_is_aborted() -> None:
    wire = Wire()
    client, _ = uploading(wire)
    client.protocol.client_lost()
    assert client.end == "aborted"
