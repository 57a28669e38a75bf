"""A WebSocket message of one gibibyte, in one frame or in many: it arrives as it was, and the proxy does not grow."""

from __future__ import annotations

import os
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from tests.handshake import ASK, SWITCH
from tests.integration.test_memory import GROWTH, MIB, Proxy, head

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

SIZE = 1 << 30
PATTERN = os.urandom(MIB)
"""What the message repeats."""


def frames(opcode: int, each: int, *, masked: bool) -> Iterator[bytes]:
    """The message's frames, in pieces; what is masked is so with a key of zeros (RFC 6455 §5.2)."""
    for at in range(0, SIZE, each):
        first = (0x80 if at + each == SIZE else 0) | (0 if at else opcode)
        yield bytes((first, 127 | (0x80 if masked else 0))) + each.to_bytes(8, "big") + bytes(4 if masked else 0)
        for _ in range(each // MIB):
            yield PATTERN


def say(sock: socket.socket, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        sock.sendall(piece)


def exactly(sock: socket.socket, amount: int) -> bytes:
    buffer = bytearray(amount)
    view = memoryview(buffer)
    while view:
        size = sock.recv_into(view)
        assert size, "the connection ended"
        view = view[size:]
    return bytes(buffer)


def hear(sock: socket.socket) -> int:
    """Read the message and compare it; how long it was."""
    length, final = 0, False
    while not final:
        first, second = exactly(sock, 2)
        final, short = bool(first & 0x80), second & 0x7F
        left = int.from_bytes(exactly(sock, {126: 2, 127: 8}.get(short, 0)), "big") if short > 125 else short
        key = exactly(sock, 4) if second & 0x80 else bytes(4)
        expected = [masked(key, shift) for shift in range(4)]
        begun = length
        while left:
            size = min(left, MIB - length % MIB)
            at = length % MIB
            assert exactly(sock, size) == expected[(at - (length - begun)) % 4][at : at + size], (
                f"differs after {length}"
            )
            length, left = length + size, left - size
    return length


def masked(key: bytes, shift: int) -> bytes:
    """The pattern under a key whose first byte stands at ``shift``."""
    turned = key[-shift:] + key[:-shift] if shift else key
    both = int.from_bytes(PATTERN, "big") ^ int.from_bytes(turned * (MIB // 4), "big")
    return both.to_bytes(MIB, "big")


@pytest.fixture(params=["tunnel", "frames"])
def ends(request: pytest.FixtureRequest) -> Iterator[tuple[Proxy, socket.socket, socket.socket]]:
    """A proxy, and both ends of a WebSocket through it."""
    proxy = Proxy("--websocket", request.param)
    client, service = proxy.exchange(ASK)
    with client, service:
        service.sendall(SWITCH)
        assert head(client)
        yield proxy, client, service
    proxy.close()


@pytest.mark.parametrize("each", [SIZE, 16 * MIB], ids=["one-frame", "fragments"])
@pytest.mark.parametrize("up", [True, False], ids=["up", "down"])
def test_a_gibibyte_passes_and_leaves_nothing(
    ends: tuple[Proxy, socket.socket, socket.socket], up: bool, each: int
) -> None:
    proxy, client, service = ends
    speaker, listener = (client, service) if up else (service, client)
    for sock in (client, service):
        sock.settimeout(60)
    heard: list[int] = []
    sender = Thread(target=say, args=(speaker, frames(2, each, masked=up)))
    sender.start()
    receive: Callable[[], None] = lambda: heard.append(hear(listener))  # noqa: E731 - it is what is measured
    growth = proxy.growth(receive)
    sender.join()
    assert heard == [SIZE]
    assert growth < GROWTH, f"{growth / MIB:.1f} MiB"
