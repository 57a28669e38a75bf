"""TCP: messages in pieces and in rows, and how many, how long, how much."""

from __future__ import annotations

from typing import Any

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from tests.questions import DOMAIN, NUMBER, question, read, zone
from webproxy.net.sweep import IdleSweep
from webproxy.router.dns.responder import Responder
from webproxy.router.dns.streams import CONNECTIONS, IDLE, LIFE, LONGEST, PER_ADDRESS, Stream, Streams


def framed(message: bytes) -> bytes:
    return len(message).to_bytes(2, "big") + message


ASKED = framed(question(f"app.{DOMAIN}"))


class Server:
    def __init__(self) -> None:
        self.clock = Clock()
        self.streams = Streams(Responder(zone(), self.clock.seconds), IdleSweep(self.clock))

    def client(self, host: str = "192.0.2.1") -> tuple[Stream, StringTransport] | None:
        stream = self.streams.buildProtocol(IPv4Address("TCP", host, 4711))
        if stream is None:
            return None
        transport = StringTransport()
        stream.makeConnection(transport)
        return stream, transport

    def connected(self) -> tuple[Stream, StringTransport]:
        found = self.client()
        assert found is not None
        return found

    def waits(self, seconds: float) -> None:
        for _ in range(round(seconds * 4)):
            self.clock.advance(0.25)


@pytest.fixture
def server() -> Server:
    return Server()


def answers(transport: StringTransport) -> list[bytes]:
    """Take the answers that were written."""
    data, found = transport.value(), []
    transport.clear()
    while data:
        end = 2 + int.from_bytes(data[:2], "big")
        assert len(data) >= end
        found.append(data[2:end])
        data = data[end:]
    return found


def test_rfc_1035_4_2_2_a_message_has_its_length_in_front(server: Server) -> None:
    stream, transport = server.connected()
    stream.dataReceived(ASKED)
    (answer,) = answers(transport)
    assert (read(answer).id, len(read(answer).answers)) == (NUMBER, 1)


def test_rfc_7766_8_a_message_may_come_in_pieces(server: Server) -> None:
    stream, transport = server.connected()
    for at in range(len(ASKED)):
        assert answers(transport) == []
        stream.dataReceived(ASKED[at : at + 1])
    assert len(answers(transport)) == 1


def test_rfc_7766_6_2_1_1_many_may_come_at_once(server: Server) -> None:
    stream, transport = server.connected()
    numbered = [framed(question(DOMAIN, number=number)) for number in range(50)]
    stream.dataReceived(b"".join(numbered) + ASKED[:7])
    assert [read(answer).id for answer in answers(transport)] == list(range(50))
    stream.dataReceived(ASKED[7:])
    assert len(answers(transport)) == 1


def test_what_breaks_the_format_is_told_so(server: Server) -> None:
    stream, transport = server.connected()
    stream.dataReceived(framed(question(DOMAIN) + b"x"))
    assert read(answers(transport)[0]).rCode == 1


@pytest.mark.parametrize(
    "data",
    [framed(question(DOMAIN, flags=0x8000)), framed(b""), b"GET / HTTP/1.1\r\n", (LONGEST + 1).to_bytes(2, "big")],
)
def test_noise_ends_the_connection(server: Server, data: bytes) -> None:
    stream, transport = server.connected()
    stream.dataReceived(data)
    assert transport.disconnected


def test_rfc_7766_6_2_3_who_asks_nothing_more_is_let_go(server: Server) -> None:
    stream, transport = server.connected()
    for _ in range(2):
        server.waits(IDLE - 1)
        stream.dataReceived(ASKED)
    assert not transport.disconnected
    server.waits(IDLE + 1)
    assert transport.disconnected


def test_half_a_question_gains_no_time(server: Server) -> None:
    stream, transport = server.connected()
    for at in range(12):
        server.waits(1)
        stream.dataReceived(ASKED[at : at + 1])
    assert transport.disconnected


def test_no_connection_lives_for_ever(server: Server) -> None:
    stream, transport = server.connected()
    for _ in range(int(LIFE)):
        stream.dataReceived(ASKED)
        server.waits(1)
    assert not transport.disconnected
    server.waits(1)
    assert transport.disconnected


def test_who_reads_no_answers_is_not_read(server: Server) -> None:
    stream, transport = server.connected()
    stream.pauseProducing()
    stream.dataReceived(ASKED * 3)
    assert answers(transport) == []
    assert transport.producerState == "paused"
    assert repr(stream) == "<Stream held>"
    stream.resumeProducing()
    assert len(answers(transport)) == 3
    assert transport.producerState == "producing"
    assert repr(stream) == "<Stream open>"
    stream.stopProducing()


def test_a_pause_in_the_middle_of_a_row(server: Server) -> None:
    stream, transport = server.connected()
    write = transport.write

    def full(data: bytes) -> None:
        write(data)
        stream.pauseProducing()

    transport.write = full  # type: ignore[method-assign]
    stream.dataReceived(ASKED * 3)
    assert len(answers(transport)) == 1
    stream.resumeProducing()
    assert len(answers(transport)) == 1
    assert transport.producerState == "paused"


def test_who_says_at_once_that_this_was_all_is_answered(server: Server) -> None:
    stream, transport = server.connected()
    stream.dataReceived(ASKED)
    stream.readConnectionLost()
    stream.writeConnectionLost()
    assert len(answers(transport)) == 1
    assert transport.producer is None
    assert transport.disconnecting


def test_so_many_from_one_address(server: Server) -> None:
    found = [server.client() for _ in range(PER_ADDRESS + 1)]
    assert found[-1] is None
    assert server.client("192.0.2.2") is not None
    assert found[0] is not None
    found[0][0].connectionLost()
    assert server.client() is not None
    assert server.streams.responder.counts["refused"] == 1


def test_so_many_in_all(server: Server) -> None:
    for number in range(CONNECTIONS):
        assert server.client(f"10.0.0.{number}") is not None
    assert server.client("10.0.1.1") is None
    assert repr(server.streams) == f"<Streams open={CONNECTIONS}>"
    for stream in list(server.streams.open):
        stream.connectionLost()
    assert not server.streams.open
    assert not server.streams._by_address


def test_all_end_with_the_server(server: Server) -> None:
    found: list[Any] = [server.connected(), server.connected()]
    server.streams.close()
    assert all(transport.disconnected for _, transport in found)
