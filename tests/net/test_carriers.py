"""Carriers between two pairs of sockets."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from webproxy.net.carriers import Copy, Pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from webproxy.net.carriers import Carrier


class Ends:
    """What is said into ``near`` comes out at ``far``, if a carrier takes it from ``source`` to ``sink``."""

    def __init__(self) -> None:
        self.near, source = socket.socketpair()
        sink, self.far = socket.socketpair()
        for sock in (source, sink):
            sock.setblocking(False)
        self.ours = (source, sink)
        self.source, self.sink = source.fileno(), sink.fileno()

    def close(self) -> None:
        for sock in (self.near, self.far, *self.ours):
            sock.close()


@pytest.fixture
def ends() -> Iterator[Ends]:
    ends = Ends()
    yield ends
    ends.close()


@pytest.fixture(params=["pipe", "copy"])
def carrier(request: pytest.FixtureRequest) -> Iterator[Carrier]:
    if request.param == "copy":
        yield Copy(memoryview(bytearray(65536)))
        return
    pipe = Pipe(os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))
    yield pipe
    pipe.close()


def test_bytes_go_through(carrier: Carrier, ends: Ends) -> None:
    ends.near.sendall(b"to be carried")
    assert carrier.fill(ends.source, 65536) == 13
    assert "held=13" in repr(carrier)
    assert carrier.drain(ends.sink) == 13
    assert (carrier.held, ends.far.recv(100)) == (0, b"to be carried")


def test_no_more_is_taken_than_asked(carrier: Carrier, ends: Ends) -> None:
    ends.near.sendall(b"onetwo")
    assert carrier.fill(ends.source, 3) == 3
    carrier.drain(ends.sink)
    assert ends.far.recv(100) == b"one"
    assert ends.ours[0].recv(100) == b"two"


def test_nothing_there_and_the_end_differ(carrier: Carrier, ends: Ends) -> None:
    with pytest.raises(BlockingIOError):
        carrier.fill(ends.source, 10)
    ends.near.close()
    assert carrier.fill(ends.source, 10) == 0


def test_a_full_sink_takes_what_it_can_and_the_rest_later(carrier: Carrier, ends: Ends) -> None:
    ends.ours[1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    sent = given = 0
    while not carrier.held:
        piece = bytes((sent // 1000 % 256,)) * 1000
        ends.near.sendall(piece)
        sent += 1000
        carrier.fill(ends.source, 65536)
        given += carrier.drain(ends.sink)
    assert carrier.drain(ends.sink) == 0
    came = b""
    while carrier.held:
        came += ends.far.recv(65536)
        given += carrier.drain(ends.sink)
    while len(came) < sent:
        came += ends.far.recv(65536)
    assert (given, came) == (sent, b"".join(bytes((at % 256,)) * 1000 for at in range(sent // 1000)))


def test_what_a_copy_holds_is_its_own(ends: Ends) -> None:
    shared = memoryview(bytearray(65536))
    first, second = Copy(shared), Copy(shared)
    with suppress(BlockingIOError):
        while True:  # fill the sink
            ends.ours[1].send(bytes(65536))
    ends.near.sendall(b"first")
    first.fill(ends.source, 100)
    assert first.drain(ends.sink) == 0
    ends.near.sendall(b"other")
    second.fill(ends.source, 100)
    assert (first.empty(), second.empty()) == (b"first", b"other")


def test_what_is_held_can_be_had(carrier: Carrier, ends: Ends) -> None:
    ends.near.sendall(b"held")
    carrier.fill(ends.source, 100)
    assert carrier.empty() == b"held"
    assert (carrier.held, carrier.empty()) == (0, b"")


def test_a_broken_sink_raises_and_loses_nothing(carrier: Carrier, ends: Ends) -> None:
    ends.near.sendall(b"kept")
    carrier.fill(ends.source, 100)
    ends.far.close()
    with pytest.raises(BrokenPipeError):
        carrier.drain(ends.sink)
    assert carrier.empty() == b"kept"


def test_a_pipe_can_be_enlarged() -> None:
    pipe = Pipe(os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC))
    pipe.enlarge(1 << 20)
    pipe.close()
    with pytest.raises(OSError, match="Bad file"):
        pipe.enlarge(1 << 20)
