"""What a client sends in one piece with the end of its handshake is not left lying anywhere."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest_twisted
from twisted.internet.threads import deferToThread

from tests.integration.edge import NAME, edge, machine

if TYPE_CHECKING:
    import socket
    from pathlib import Path

    from tests.integration.edge import Edge


def speaks_at_once(at: Edge) -> socket.socket:
    """Shake hands, and send the first request in the same segment as the handshake's end; blocks."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = at.client_context().wrap_bio(incoming, outgoing, server_hostname=NAME)
    sock = at.raw()
    while True:
        try:
            client.do_handshake()
            break
        except ssl.SSLWantReadError:
            sock.sendall(outgoing.read())
            incoming.write(sock.recv(65536))
    client.write(b"ping")
    sock.sendall(outgoing.read())
    return sock


@pytest_twisted.ensureDeferred
async def test_a_request_that_comes_with_the_end_of_the_handshake_gets_through(reactor: Any, tmp_path: Path) -> None:
    async with edge(reactor, tmp_path) as at, machine(reactor) as (internal, port):
        at.has("app-fox-chi", port)
        for turn in range(5):
            sock = await deferToThread(speaks_at_once, at)
            upstream = await internal.peer(turn)
            await upstream.hears(b"ping")
            sock.close()
