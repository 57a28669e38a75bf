"""The service in a test's hands: it says what it is told to say, and counts what is with it."""

from __future__ import annotations

import socket
import time
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from webproxy.testing import Asked, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30.0


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        yield service


def asking(service: Service, target: str = "/", body: bytes = b"") -> HTTPConnection:
    client = HTTPConnection(service.address, timeout=PATIENCE)
    client.request("POST", target, body)
    return client


def until_none_runs(service: Service) -> None:
    deadline = time.monotonic() + PATIENCE
    while service.running:
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_a_request_waits_for_the_tests_answer(service: Service) -> None:
    client = asking(service, "/a?x=1", b"body" * 50000)
    asked = service.next()
    assert (asked.method, asked.target, asked.body, asked.state) == ("POST", "/a?x=1", b"body" * 50000, "open")
    assert repr(asked) == "<Asked POST /a?x=1 open>"
    assert repr(service) == f"<Service at {service.address}, 1 running>"
    asked.answer(b"hello", 201)
    answer = client.getresponse()
    assert (answer.status, answer.read(), asked.state) == (201, b"hello", "answered")
    client.request("GET", "/b")
    service.next().answer()
    assert client.getresponse().read() == b""
    assert (service.most, service.running, service.nobody()) == (1, {}, True)
    client.close()


def test_a_stream_comes_piece_by_piece(service: Service) -> None:
    client = asking(service)
    asked = service.next()
    asked.begin()
    answer = client.getresponse()
    for word in (b"one", b"two"):
        asked.event(word)
        assert answer.readline() + answer.readline() == b"data: %b\n\n" % word
    asked.end()
    assert answer.read() == b""
    client.close()


def test_what_is_with_it_at_a_time_is_counted(service: Service) -> None:
    clients = [asking(service) for _ in range(3)]
    for asked in [service.next() for _ in clients][:2]:
        asked.answer()
    clients.append(asking(service))
    service.next()
    assert (service.most, len(service.running)) == (3, 2)
    for client in clients:
        client.close()
    until_none_runs(service)


def test_who_has_left_is_not_counted_any_more(service: Service) -> None:
    first = asking(service)
    asked = service.next()
    first.close()
    second = asking(service)
    service.next()
    assert (asked.state, service.most) == ("gone", 1)
    second.close()
    until_none_runs(service)


def test_an_answer_to_nobody_is_no_error(service: Service) -> None:
    client = asking(service)
    asked = service.next()
    assert client.sock is not None
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
    until_none_runs(service)
    asked.answer(b"too late")
    assert asked.state == "gone"


def test_it_may_answer_by_itself() -> None:
    with Service(lambda asked: asked.answer(b"up") if asked.target == "/up" else None) as service:
        client, other = asking(service, "/up"), asking(service, "/other")
        assert client.getresponse().read() == b"up"
        assert service.next().target == "/other"
        assert service.nobody()
        client.close()
        other.close()


def test_waiting_for_nobody_ends(service: Service) -> None:
    with pytest.raises(AssertionError, match=r"no request has reached the service within 0\.01 s"):
        service.next(0.01)


def test_who_never_completes_a_request_is_not_counted(service: Service) -> None:
    half = socket.create_connection(("127.0.0.1", int(service.address.rpartition(":")[2])))
    half.sendall(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe")
    whole = asking(service)
    assert isinstance(service.next(), Asked)
    assert len(service.running) == 1
    half.close()
    whole.close()
