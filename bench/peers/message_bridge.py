"""A plain bridge: autobahn's own protocols on uvloop's transports, whole messages passed on as they come.

What one would write in an afternoon, and the measure of our frames. ``python -m bench.peers.message_bridge PORT
INTERNAL`` serves until it is killed.
"""

# ruff: noqa: N802, N803 - autobahn's names

from __future__ import annotations

import sys
from typing import Any

from webproxy.net.reactor import install_preferred

install_preferred()

from autobahn.twisted.websocket import (  # noqa: E402 - after the reactor
    WebSocketClientFactory,
    WebSocketClientProtocol,
    WebSocketServerFactory,
    WebSocketServerProtocol,
)
from twisted.internet import reactor  # noqa: E402, TID251 - a program

from webproxy.net.connect import connect  # noqa: E402
from webproxy.net.destination import Tcp  # noqa: E402
from webproxy.net.listen import bind_tcp, listen  # noqa: E402


class Upstream(WebSocketClientProtocol):  # type: ignore[misc]
    """Towards the service."""

    client: Any

    def onOpen(self) -> None:
        self.client.opened(self)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        self.client.sendMessage(payload, isBinary)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        self.client.sendClose()


class Downstream(WebSocketServerProtocol):  # type: ignore[misc]
    """Towards the client."""

    upstream: Any = None

    def onConnect(self, request: Any) -> None:
        self.path = request.path
        self.early: list[tuple[bytes, bool]] = []

    def onOpen(self) -> None:
        factory = WebSocketClientFactory(f"ws://127.0.0.1:{INTERNAL}{self.path}")

        def build() -> Any:
            protocol = Upstream()
            protocol.factory = factory
            protocol.client = self
            return protocol

        connect(reactor, Tcp("127.0.0.1", INTERNAL), build, 10.0)

    def opened(self, upstream: Any) -> None:
        self.upstream = upstream
        for message in self.early:
            upstream.sendMessage(*message)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        if self.upstream is None:
            self.early.append((payload, isBinary))
        else:
            self.upstream.sendMessage(payload, isBinary)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:
        if self.upstream is not None:
            self.upstream.sendClose()


PORT, INTERNAL = (int(word) for word in sys.argv[1:3]) if len(sys.argv) > 2 else (0, 0)

if __name__ == "__main__":
    server = WebSocketServerFactory(f"ws://127.0.0.1:{PORT}")
    server.protocol = Downstream
    (sock,) = bind_tcp(PORT, ["127.0.0.1"])
    listen(reactor, server, sock)
    reactor.run()
