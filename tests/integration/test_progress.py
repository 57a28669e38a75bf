"""How much a peer has not taken yet, on uvloop's transports as on Twisted's own."""

from __future__ import annotations

from typing import Any

import pytest_twisted

from tests.peers import serving, until
from webproxy.net.progress import buffered, unsent

MIB = 1024 * 1024


@pytest_twisted.ensureDeferred
async def test_what_the_peer_takes_shrinks_what_is_unsent_to_nothing(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=65536)
        assert unsent(ours.transport) == 0
        ours.transport.write(b"x" * 8 * MIB)
        await until(reactor, lambda: 0 < buffered(ours.transport) < 8 * MIB, "the kernel took some")
        in_process, before = buffered(ours.transport), unsent(ours.transport)
        assert in_process < before <= 8 * MIB
        await peer.read_exactly(4 * MIB)
        await until(reactor, lambda: unsent(ours.transport) <= 4 * MIB, "half of it is acknowledged")
        await peer.read_exactly(4 * MIB)
        await until(reactor, lambda: unsent(ours.transport) == 0, "all of it is acknowledged")


@pytest_twisted.ensureDeferred
async def test_small_writes_count_while_only_the_kernel_holds_them(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, peer = await served.connected(receive_buffer=4096)
        ours.transport.write(b"x" * 16384)
        await until(reactor, lambda: buffered(ours.transport) == 0, "the kernel took all")
        assert 0 < unsent(ours.transport) < 16384
        await peer.read_exactly(16384)
        await until(reactor, lambda: unsent(ours.transport) == 0, "all of it is acknowledged")


@pytest_twisted.ensureDeferred
async def test_a_closed_transport_has_nothing_unsent(reactor: Any) -> None:
    async with serving(reactor) as served:
        ours, _ = await served.connected(receive_buffer=4096)
        transport = ours.transport
        transport.write(b"x" * 8 * MIB)
        transport.abortConnection()
        await until(reactor, lambda: ours.lost, "the connection was lost")
        assert unsent(transport) == 0
