"""A client connection that is given away: who gets the bytes, who hears of a drain and of the end."""

from __future__ import annotations

from tests.handshake import ASK, SWITCH
from tests.wire import Side, Wire
from webproxy.downstream.limits import Limits


def given_away(wire: Wire) -> tuple[Side, Side]:
    client = wire.client()
    client.says(ASK)
    upstream = wire.upstream()
    upstream.sees()
    upstream.says(SWITCH)
    client.sees()
    return client, upstream


def test_the_channel_hears_no_byte_more_but_of_the_end() -> None:
    wire = Wire()
    client, upstream = given_away(wire)
    assert client.transport.protocol is not client.protocol
    client.says(b"GET / HTTP/1.1\r\n\r\n")
    assert upstream.sees() == b"GET / HTTP/1.1\r\n\r\n"
    assert not wire.records
    client.leaves()
    (record,) = wire.records
    assert (record.status, record.received, record.closed_by) == (101, 18, "client")
    assert not wire.site.channels


def test_what_came_early_and_had_to_wait_goes_first() -> None:
    wire = Wire(limits=Limits(read_ahead=10))
    client = wire.client()
    client.says(ASK + b"x" * 20)
    assert not client.read_from
    upstream = wire.upstream()
    upstream.sees()
    upstream.says(SWITCH)
    assert upstream.sees() == b"x" * 20
    assert client.read_from


def test_a_tunnel_outlives_the_beginning_of_a_drain_but_not_its_end() -> None:
    wire = Wire()
    client, upstream = given_away(wire)
    wire.site.drain()
    assert client.end == ""
    wire.site.cut()
    assert client.end == "aborted"
    client.leaves(reset=True)
    assert upstream.end == "aborted"
    assert wire.records[0].closed_by == "drain"


def test_a_client_that_never_takes_the_rest_is_given_up() -> None:
    wire = Wire(idle=5)
    client, upstream = given_away(wire)
    upstream.leaves()
    assert client.end == "closed"
    wire.passes(6)
    assert client.end == "aborted"


def test_a_given_away_connection_is_not_kept_for_further_requests() -> None:
    wire = Wire()
    client, _ = given_away(wire)
    assert client.protocol.draining
    assert client.protocol.remembered is client.protocol.judged is None
