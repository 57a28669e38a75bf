"""The tests of ``webproxy/demo/echo.py``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Ping, Pong, TextMessage

if TYPE_CHECKING:
    from tests.demo.service import Client, Service

HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
    "sec_websocket_version": "13",
}


@pytest.fixture
def socket(client: Client) -> Connection:
    """The client's side of an open WebSocket."""
    client.asks("GET", "/echo", b"", **HANDSHAKE)
    answer = client.sees()
    assert answer.status == 101
    assert answer.fields["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    return Connection(ConnectionType.CLIENT)


def received(client: Client, socket: Connection) -> list[object]:
    socket.receive_data(client.takes())
    return list(socket.events())


@pytest.mark.parametrize("message", [TextMessage("Grüße"), BytesMessage(b"\x00\xff" * 40_000), TextMessage("")])
def test_sends_back_what_it_gets(client: Client, socket: Connection, message: TextMessage | BytesMessage) -> None:
    client.says(socket.send(message))
    assert received(client, socket) == [message]


def test_puts_a_message_in_parts_together(client: Client, socket: Connection) -> None:
    for part, finished in [("one ", False), ("two ", False), ("three", True)]:
        client.says(socket.send(TextMessage(part, message_finished=finished)))
    assert received(client, socket) == [TextMessage("one two three")]


def test_answers_a_ping(client: Client, socket: Connection) -> None:
    client.says(socket.send(Ping(b"still there?")))
    assert received(client, socket) == [Pong(b"still there?")]


def test_rfc_6455_5_5_3_an_unasked_pong_is_nothing(client: Client, socket: Connection) -> None:
    client.says(socket.send(Pong(b"")))
    assert client.takes() == b""


def test_closes_when_the_client_does(service: Service, client: Client, socket: Connection) -> None:
    client.says(socket.send(CloseConnection(1000, "enough")))
    assert received(client, socket) == [CloseConnection(1000, "enough")]
    assert client.transport.disconnecting
    assert service.tallies.sockets.running == 1
    client.leaves()
    assert (service.tallies.sockets.running, service.tallies.sockets.finished) == (0, 1)


def test_a_client_who_does_not_read_is_not_read_from(client: Client, socket: Connection) -> None:
    producer = client.transport.producer
    producer.pauseProducing()
    assert client.transport.producerState == "paused"
    producer.resumeProducing()
    assert client.transport.producerState == "producing"
    producer.stopProducing()


def test_a_socket_that_closes_while_full_leaves_nothing_registered(client: Client, socket: Connection) -> None:
    producer = client.transport.producer
    producer.pauseProducing()
    client.transport.loseConnection()
    producer.resumeProducing()
    assert client.transport.producer is None


def test_what_is_no_handshake_is_refused(client: Client) -> None:
    client.asks("GET", "/echo")
    assert client.sees().status == 400
