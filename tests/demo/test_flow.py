"""The tests of ``webproxy/demo/flow.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.demo.service import Client, Service

MANY = "/events?count=1000000&interval="


def test_the_first_piece_is_sent_at_once_and_the_next_in_their_turn(service: Service, client: Client) -> None:
    client.asks("GET", "/events?count=3&interval=2")
    assert len(client.sees().chunks) == 1
    service.advance(1.99)
    assert client.takes() == b""
    service.advance(0.01)
    assert b"id: 2\n" in client.takes()
    service.advance(2)
    last = client.takes()
    assert b"id: 3\n" in last
    assert last.endswith(b"0\r\n\r\n")


def test_a_late_piece_does_not_shift_the_next(service: Service, client: Client) -> None:
    client.asks("GET", "/events?count=3&interval=1")
    service.advance(1.75)
    assert b"id: 2\n" in client.takes()
    service.advance(0.25)
    assert b"id: 3\n" in client.takes()


def test_a_client_who_leaves_ends_the_generation(service: Service, client: Client) -> None:
    client.asks("GET", f"{MANY}1")
    service.advance(1)
    assert service.tallies.streams.running == 1
    client.leaves()
    assert (service.tallies.streams.running, service.tallies.streams.left) == (0, 1)
    generated = service.tallies.pieces
    service.advance(10)
    assert service.tallies.pieces == generated
    assert not service.reactor.getDelayedCalls()


def test_a_client_who_does_not_keep_up_pauses_the_generation(service: Service, client: Client) -> None:
    client.asks("GET", f"{MANY}1")
    client.full()
    generated = service.tallies.pieces
    service.advance(60)
    assert service.tallies.pieces == generated
    client.drained()
    service.advance(0)
    assert service.tallies.pieces == generated + 1
    service.advance(0.5)
    assert service.tallies.pieces == generated + 1
    service.advance(0.5)
    assert service.tallies.pieces == generated + 2


def test_a_short_pause_does_not_hurry_the_next_piece(service: Service, client: Client) -> None:
    client.asks("GET", f"{MANY}1")
    client.takes()
    client.full()
    service.advance(0.25)
    client.drained()
    service.advance(0.5)
    assert client.takes() == b""
    service.advance(0.25)
    assert b"id: 2\n" in client.takes()


def test_resumed_without_a_pause_nothing_is_sent_twice(service: Service, client: Client) -> None:
    client.asks("GET", "/events?count=2&interval=1")
    client.drained()
    service.advance(1)
    assert client.sees().body.count(b"id: ") == 2


def test_a_client_who_leaves_while_paused_is_counted(service: Service, client: Client) -> None:
    client.asks("GET", f"{MANY}1")
    client.full()
    client.leaves()
    client.drained()
    service.advance(5)
    assert (service.tallies.streams.running, service.tallies.streams.left) == (0, 1)


def test_without_an_interval_everything_goes_until_the_client_is_full(service: Service, client: Client) -> None:
    client.asks("GET", "/events?count=1000&interval=0")
    assert client.sees().complete
    assert service.tallies.pieces == 1000
    client.transport.small = True
    client.asks("GET", f"{MANY}0")
    service.advance(1)
    assert service.tallies.pieces == 1001
    client.drained()
    service.advance(0)
    assert service.tallies.pieces == 1002


def test_a_transport_that_is_gone_stops_it(service: Service, client: Client) -> None:
    client.asks("GET", f"{MANY}1")
    client.transport.producer.stopProducing()
    generated = service.tallies.pieces
    service.advance(5)
    assert service.tallies.pieces == generated


def test_the_connection_serves_the_next_request(service: Service, client: Client) -> None:
    for _ in range(2):
        client.asks("GET", "/events?count=1&interval=1")
        service.advance(1)
        assert client.sees().complete
    assert service.tallies.streams.finished == 2


def test_says_its_state(service: Service) -> None:
    from webproxy.demo.flow import Flow

    flow = Flow(service.reactor, "the request", iter(()), 1, service.tallies.streams)  # type: ignore[arg-type]
    assert repr(flow) == "<Flow waiting of 'the request'>"
    flow.pauseProducing()
    assert repr(flow) == "<Flow paused of 'the request'>"
