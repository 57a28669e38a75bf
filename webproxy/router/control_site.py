"""The control port: HTTP and TLS around :class:`~webproxy.router.control.Control`.

Rule of this file: who may connect, and how large anything may be; peers outside of ``--machines`` are closed before
there is any TLS. twisted.web serves here: a machine asks twice a minute.
"""

from __future__ import annotations

import json
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IOpenSSLContextFactory
from twisted.logger import Logger
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site
from zope.interface import implementer

from webproxy.net.address import plain
from webproxy.router.asked import LARGEST, MEMBERS
from webproxy.router.control import Peer, Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from OpenSSL import SSL
    from twisted.internet.interfaces import IAddress
    from twisted.protocols.tls import TLSMemoryBIOProtocol
    from twisted.python.failure import Failure

    from webproxy.net.address import Networks
    from webproxy.net.tls import Context
    from webproxy.router.control import Control

log = Logger()

RESTING = 75
"""Seconds that a connection may rest; a machine comes back after 30."""
MOST, EACH = 10000, 64
"""Connections at once: in all, and of one address."""
TOLD = 1000
"""Addresses that were refused and are remembered, so that the log has one line for each."""


class ControlRequest(Request):
    """A request whose body is bounded: what is too large is not kept, and its connection closed."""

    _too_large = False

    def gotLength(self, length: int | None) -> None:
        """Refuse a body of unknown or too great a length."""
        self.content = BytesIO()
        if length is None or length > LARGEST:
            self._too_large = True
            said = json.dumps({"error": "malformed", "told": f"a body has a length, of at most {LARGEST} bytes"})
            channel: Any = self.channel
            channel.transport.write(
                b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
                b"Connection: close\r\n\r\n%b" % (len(said), said.encode())
            )
            channel.loseConnection()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's
        """Keep a piece."""
        if not self._too_large:
            super().handleContentChunk(data)

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Go on, unless it has been refused."""
        if not self._too_large:
            super().requestReceived(command, path, version)


class ControlResource(Resource):
    """All paths."""

    isLeaf = True

    def __init__(self, control: Control) -> None:
        super().__init__()
        self._control = control

    def render(self, request: Request) -> int:
        """Have a request answered."""
        Deferred.fromCoroutine(self._render(request))
        return NOT_DONE_YET

    async def _render(self, request: Request) -> None:
        gone: list[Failure] = []
        request.notifyFinish().addErrback(gone.append)
        try:
            reply = await self._reply(request)
        except Exception:  # noqa: BLE001 - the log says why; a machine tries again
            log.failure("a machine's request could not be answered", kind="request-failed")
            reply = Reply(500, {"error": "busy", "told": "the router failed; its log says why"}, 5)
        if gone:
            return
        request.setResponseCode(reply.status)
        request.setHeader(b"content-type", b"application/json")
        request.setHeader(b"cache-control", b"no-store")
        if reply.status == 401:
            request.setHeader(b"www-authenticate", b"Bearer")
        if reply.retry:
            request.setHeader(b"retry-after", str(reply.retry).encode())
        said = json.dumps(reply.said).encode()
        request.setHeader(b"content-length", str(len(said)).encode())
        request.write(said)
        request.finish()

    async def _reply(self, request: Request) -> Reply:
        does = request.path.removeprefix(b"/v1/").decode("latin-1")
        if does not in MEMBERS or request.path != f"/v1/{does}".encode():
            return Reply(404, {"error": "malformed", "told": "there is no such path in version 1 of the protocol"})
        if request.method != b"POST":
            request.setHeader(b"allow", b"POST")
            return Reply(405, {"error": "malformed", "told": "requests are POST"})
        scheme, _, token = (request.getHeader(b"authorization") or b"").partition(b" ")
        peer = Peer(plain(request.getClientAddress().host), plain(request.getHost().host))
        given = token.strip() if scheme.lower() == b"bearer" else b""
        return await self._control.answer(does, given, peer, request.content.read())  # type: ignore[union-attr]


class ControlSite(Site):
    """The API, without its TLS."""

    noisy = False
    displayTracebacks = False  # noqa: N815 - Twisted's
    requestFactory = ControlRequest

    def __init__(self, control: Control, reactor: Any) -> None:
        super().__init__(ControlResource(control), timeout=RESTING, reactor=reactor)

    def log(self, request: Request) -> None:  # type: ignore[override]
        """Write nothing: what matters is in the router's own log."""


@implementer(IOpenSSLContextFactory)
class _Newest:
    """The context that holds now, for each handshake."""

    isClient = 0  # noqa: N815 - Twisted's

    def __init__(self, newest: Callable[[], Context | None]) -> None:
        self._newest = newest

    def getContext(self) -> SSL.Context:  # noqa: N802 - Twisted's
        """Give it; nobody comes so far while there is none."""
        context: Context = self._newest()  # type: ignore[assignment]
        return context.portable()


class ControlPort(TLSMemoryBIOFactory):
    """The factory of the control port.

    :param newest: the context that holds now; ``None`` while there is no certificate, and nobody is let in.
    :param machines: the networks that may connect.
    """

    noisy = False

    def __init__(
        self, reactor: Any, control: Control, newest: Callable[[], Context | None], machines: Networks
    ) -> None:
        super().__init__(_Newest(newest), False, ControlSite(control, reactor), reactor)
        self._newest = newest
        self._machines = machines
        self._by_address: Counter[str] = Counter()
        self._told: set[str] = set()

    def __repr__(self) -> str:
        return f"<ControlPort connections={self._by_address.total()}>"

    def buildProtocol(self, addr: IAddress | None) -> TLSMemoryBIOProtocol | None:  # type: ignore[override]
        """Let a machine in."""
        address = plain(getattr(addr, "host", ""))
        if address not in self._machines:
            self._tell(address)
            return None
        if self._newest() is None or self._by_address[address] >= EACH or self._by_address.total() >= MOST:
            return None
        return super().buildProtocol(addr)

    def registerProtocol(self, p: Any) -> None:  # noqa: N802 - Twisted's
        """Count a connection."""
        super().registerProtocol(p)
        self._by_address[plain(p.getPeer().host)] += 1

    def unregisterProtocol(self, p: Any) -> None:  # noqa: N802 - Twisted's
        """Count one less."""
        super().unregisterProtocol(p)
        address = plain(p.getPeer().host)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def _tell(self, address: str) -> None:
        """Tell of a stranger, once."""
        if address not in self._told:
            if len(self._told) >= TOLD:
                self._told.clear()
            self._told.add(address)
            log.warn(  # noqa: G010 - Twisted's name
                "{address} is in no network of --machines, and may not register", address=address, kind="stranger"
            )
