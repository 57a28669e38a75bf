"""The two ends of a WebSocket, both wsproto's: what they heard, event by event."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import AcceptConnection, CloseConnection, Event, Message, Ping, Request
from wsproto.extensions import PerMessageDeflate

from tests.integration.live import PATIENCE, Internal, Live, Peer
from webproxy.net.connect import connect
from webproxy.net.destination import Tcp

if TYPE_CHECKING:
    from collections.abc import Callable

    from webproxy.message.record import ExchangeRecord

Heard = TypeVar("Heard", bound=Event)

BOTH = pytest.mark.parametrize("first", ["client", "service"])


class SocketPeer(Peer):
    """One end. It answers pings and Closes by itself, unless it is told not to.

    :ivar heard: what came, and was not taken yet.
    :ivar deaf: counts messages' bytes, and keeps nothing.
    """

    def __init__(self, reactor: Any, kind: ConnectionType, *, deflate: bool) -> None:
        super().__init__(reactor)
        self.socket = WSConnection(kind)
        self.heard: list[Event] = []
        self.answers = True
        self.deflate = deflate
        self.asked: Request | None = None
        self.accepted: AcceptConnection | None = None

    def dataReceived(self, data: bytes) -> None:
        self.total += len(data)
        self.socket.receive_data(data)
        for event in self.socket.events():
            self.hear(event)

    def hear(self, event: Event) -> None:
        """Take note of an event."""
        if isinstance(event, Request):
            self.asked = event
            extensions: list[Any] = [PerMessageDeflate()] if self.deflate else []
            protocol = event.subprotocols[-1] if event.subprotocols else None
            fields = [(b"Set-Cookie", b"a=1"), (b"Set-Cookie", b"b=2")]
            self.tells(AcceptConnection(subprotocol=protocol, extensions=extensions, extra_headers=fields))
            return
        if isinstance(event, AcceptConnection):
            self.accepted = event
            return
        self.heard.append(event)
        if self.answers and isinstance(event, (Ping, CloseConnection)):
            if self.socket.state is not ConnectionState.CLOSED:
                self.tells(event.response())
            if isinstance(event, CloseConnection) and not self.socket.client:
                self.link.loseConnection()

    def tells(self, event: Event) -> None:
        """Send an event."""
        self.says(self.socket.send(event))

    async def gets(self, kind: type[Heard]) -> Heard:
        """Wait for an event of this kind, and take it."""
        await self.until(lambda: any(isinstance(event, kind) for event in self.heard))
        found = next(event for event in self.heard if isinstance(event, kind))
        self.heard.remove(found)
        return found

    async def message(self) -> tuple[bytes | str, int]:
        """Wait for a whole message, and take it: what it says, and in how many pieces it came."""
        pieces: list[Any] = []
        while not pieces or not pieces[-1].message_finished:
            pieces.append(await self.gets(Message))
        empty: Any = b"" if isinstance(pieces[0].data, (bytes, bytearray)) else ""
        joined = empty.join(piece.data for piece in pieces)
        return (bytes(joined) if isinstance(joined, bytearray) else joined), len(pieces)


class Sockets(Internal):
    """A service of WebSockets."""

    def __init__(self, reactor: Any, *, deflate: bool = False, build: Callable[..., SocketPeer] = SocketPeer) -> None:
        super().__init__(reactor)
        self.deflate = deflate
        self.build = build

    def buildProtocol(self, addr: object) -> SocketPeer:
        peer = self.build(self.reactor, ConnectionType.SERVER, deflate=self.deflate)
        self.peers.append(peer)
        return peer


async def opened(
    proxy: Live, *, deflate: bool = False, build: Callable[..., SocketPeer] = SocketPeer, **request: Any
) -> tuple[SocketPeer, SocketPeer]:
    """A WebSocket that stands: the client and the service."""
    client: SocketPeer = await connect(
        proxy.reactor,
        Tcp("127.0.0.1", proxy.port),
        lambda: build(proxy.reactor, ConnectionType.CLIENT, deflate=deflate),
        PATIENCE,
    )
    extensions: list[Any] = [PerMessageDeflate()] if deflate else []
    client.tells(Request(host="gpu.example", target="/ws", extensions=extensions, **request))
    await client.until(lambda: client.accepted is not None)
    service = proxy.internal.peers[-1]
    assert isinstance(service, SocketPeer)
    return client, service


def records(proxy: Live) -> list[ExchangeRecord]:
    """What the proxy writes down from now on."""
    kept: list[ExchangeRecord] = []
    proxy.service.site.exchange_ended = kept.append  # type: ignore[assignment]
    return kept


def in_order(client: SocketPeer, service: SocketPeer, first: str) -> tuple[SocketPeer, SocketPeer]:
    """Who begins, and the other."""
    return (client, service) if first == "client" else (service, client)
