"""Frames of the bench, as wsproto reads them, and the handshake's answer."""

from __future__ import annotations

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection
from wsproto.events import AcceptConnection, Message, Request

from bench.upstream.sockets import MASK, Answering, accept, frame


@pytest.mark.parametrize("size", [0, 64, 125, 126, 4096, 65535, 65536])
def test_frames_are_messages_of_their_size(size: int) -> None:
    for mask, reader in ((b"", ConnectionType.CLIENT), (MASK, ConnectionType.SERVER)):
        connection = Connection(reader)
        connection.receive_data(frame(size, mask))
        got = b"".join(bytes(event.data) for event in connection.events() if isinstance(event, Message))
        assert len(got) == size


def test_the_answer_to_a_handshake() -> None:
    # the example of RFC 6455 §1.3
    said = accept(b"GET / HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n")
    assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in said


class Wire:
    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data


def test_a_message_for_each_message() -> None:
    client = WSConnection(ConnectionType.CLIENT)
    asked = client.send(Request(host="bench", target="/200"))
    wire, service = Wire(), Answering()
    service.connection_made(wire)  # type: ignore[arg-type]
    service.data_received(b"GET / HTTP/1.1\r\n\r\n")
    assert wire.written.startswith(b"HTTP/1.1 200 ")
    wire.written = b""
    service.data_received(asked[:30])
    service.data_received(asked[30:] + frame(200, MASK)[:100])
    client.receive_data(wire.written)
    assert isinstance(next(client.events()), AcceptConnection)
    wire.written = b""
    service.data_received(frame(200, MASK)[100:] + frame(200, MASK))
    assert wire.written == frame(200) * 2
