"""The page of a machine that is away."""

from __future__ import annotations

import h11
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from tests.wire import Transport
from webproxy.net.sweep import IdleSweep
from webproxy.router.offline import LINGER, Offline, answer, since


def test_the_answer_is_sound_http() -> None:
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    client.send(h11.EndOfMessage())
    client.receive_data(answer("app-fox-chi.example", since(0.0), 0.0))
    head = client.next_event()
    assert isinstance(head, h11.Response)
    fields = dict(head.headers)
    assert (head.status_code, fields[b"retry-after"], fields[b"date"]) == (503, b"30", b"Thu, 01 Jan 1970 00:00:00 GMT")
    body = client.next_event()
    assert isinstance(body, h11.Data)
    assert b"app-fox-chi.example is offline" in bytes(body.data)
    assert b"away since Thu, 01 Jan 1970 00:00:00 GMT" in bytes(body.data)
    assert isinstance(client.next_event(), h11.EndOfMessage)


def listening() -> tuple[Offline, Transport, Clock, list[str]]:
    clock, told = Clock(), list[str]()
    offline = Offline(b"away", IdleSweep(clock), lambda: told.append("over"))
    transport = Transport()
    offline.makeConnection(transport)
    return offline, transport, clock, told


def test_it_answers_once_and_closes() -> None:
    offline, transport, _, told = listening()
    assert (transport.value(), repr(offline)) == (b"", "<Offline listening>")
    offline.dataReceived(b"G")
    offline.dataReceived(b"ET / HTTP/1.1\r\n")
    assert (transport.value(), transport.end, repr(offline)) == (b"away", "closed", "<Offline said>")
    offline.connectionLost(Failure(ConnectionDone()))
    assert told == ["over"]


def test_who_asks_nothing_is_cut() -> None:
    _, transport, clock, _ = listening()
    clock.pump([0.25] * int(4 * (LINGER + 1)))
    assert transport.end == "aborted"
