"""A generator that keeps its rate: over real sockets, against a service that answers at once, late, or not at all."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from bench.child import MeasurementError
from bench.load.fixed_rate import REQUEST, ask_at
from bench.upstream.answers import ANSWER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def promptly(sock: socket.socket) -> None:
    while data := sock.recv(65536):
        sock.sendall(ANSWER * (len(data) // len(REQUEST)))


def in_pieces(sock: socket.socket) -> None:
    while sock.recv(65536):
        sock.sendall(ANSWER[:50])
        time.sleep(0.001)
        sock.sendall(ANSWER[50:])


def late(sock: socket.socket) -> None:
    while sock.recv(65536):
        time.sleep(0.1)
        sock.sendall(ANSWER)


def never(sock: socket.socket) -> None:
    sock.recv(65536)
    sock.close()


@contextmanager
def service(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    def serve() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=swallowing, args=(sock,), daemon=True).start()

    def swallowing(sock: socket.socket) -> None:
        with sock:
            try:
                answer(sock)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


@pytest.mark.parametrize("answer", [promptly, in_pieces])
def test_it_asks_at_its_rate_and_hears_every_answer(answer: Callable[[socket.socket], None]) -> None:
    with service(answer) as port:
        questions = ask_at(port, 200, 1.0)
    assert len(questions.lates) >= 150
    assert len(questions.took) == len(questions.lates)
    assert all(took > 0 for took in questions.took)


def test_a_slow_service_is_not_asked_less_and_waiting_counts() -> None:
    with service(late) as port:  # 64 connections and 0.1 s each: 640 a second at most
        questions = ask_at(port, 1500, 1.0)
    assert len(questions.lates) > 1000
    assert max(questions.took) > 0.3e9, "the last ones waited for a connection"


def test_a_connection_that_ends_is_no_result() -> None:
    with service(never) as port, pytest.raises((MeasurementError, ConnectionError)):
        ask_at(port, 200, 1.0)
