"""A service that speaks TLS where plain HTTP is wanted: how it gives itself away.

Some answer a plain request with a TLS alert, some complain in plain HTTP, and many close without a word: OpenSSL does,
hence uvicorn, Jupyter and Node. Those are asked in their own language. Nothing here ever encrypts anything.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IReactorTime
    from twisted.python.failure import Failure

    from webproxy.message.head import ResponseHead

log = Logger()

RECORDS = (b"\x15\x03", b"\x16\x03")
"""How a record with an alert and one with a ServerHello begin (RFC 8446 §5.1)."""

COMPLAINTS = (
    b"Client sent an HTTP request to an HTTPS server",  # Go: net/http/server.go
    b"The plain HTTP request was sent to HTTPS port",  # nginx: ngx_http_special_response.c
    b"speaking plain HTTP to an SSL-enabled server port",  # Apache: mod_ssl
    b"This combination of host and port requires TLS",  # Tomcat: TLSClientHelloExtractor.java
)
"""What servers write in plain HTTP, with a 400, before they close."""

PATIENCE = 2.0
"""Seconds that an answer to it may take."""


def is_record(data: bytes) -> bool:
    """Tell whether what a service sent, at least a byte, begins as TLS does and HTTP never."""
    return any(record.startswith(data[:2]) for record in RECORDS)


def complains(head: ResponseHead, data: bytes) -> bool:
    """Tell whether an answer, with what of its body is here, says that TLS is wanted."""
    return head.status == 400 and not head.persistent and any(complaint in data for complaint in COMPLAINTS)


def client_hello() -> bytes:
    """Make the first message of a TLS client (RFC 8446 §4.1.2)."""
    outgoing = ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


class Greeting(Protocol):
    """Sends a ClientHello and looks at the first bytes that come back.

    :ivar tls: fires with whether they are TLS; false when none come.
    """

    def __init__(self) -> None:
        self.tls: Deferred[bool] = Deferred(lambda _: self._leave())

    def connectionMade(self) -> None:
        """Greet."""
        self._transport.write(client_hello())

    def dataReceived(self, data: bytes) -> None:
        """That is enough."""
        self._leave()
        self._tell(is_record(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """No answer is no TLS."""
        self._tell(False)

    @property
    def _transport(self) -> Any:
        return self.transport

    def _leave(self) -> None:
        self._transport.abortConnection()

    def _tell(self, tls: bool) -> None:
        if not self.tls.called:
            self.tls.callback(tls)


class Doubt:
    """Whether a service that closed without a word speaks TLS. States: open, asking, cleared (it has answered in HTTP).

    :param greet: connects a Greeting to the service.
    :ivar cleared: there is no doubt any more.
    :ivar confirmed: it does speak TLS, as far as is known.
    """

    def __init__(self, greet: Callable[[Callable[[], Greeting]], Deferred[Greeting]], clock: IReactorTime) -> None:
        self._greet = greet
        self._clock = clock
        self._asking = False
        self.cleared = False
        self.confirmed = False

    def __repr__(self) -> str:
        state = "cleared" if self.cleared else "asking" if self._asking else "open"
        return f"<Doubt {state}{' confirmed' if self.confirmed else ''}>"

    def raised(self) -> bool:
        """Take note that a connection ended without a word; ask why, and tell whether TLS is known to be the reason."""
        if not (self.cleared or self.confirmed or self._asking):
            self._asking = True
            asking = Deferred.fromCoroutine(self._ask()).addTimeout(PATIENCE, self._clock)
            asking.addErrback(lambda failure: failure.trap(ConnectError, DNSLookupError, CancelledError, LateError))
            asking.addBoth(self._asked)
        return self.confirmed

    async def _ask(self) -> None:
        greeting = await self._greet(Greeting)
        self.confirmed = await greeting.tls
        if self.confirmed:
            log.error(
                "the internal service speaks TLS, and webproxy wants its plain HTTP port", kind="upstream-speaks-tls"
            )

    def _asked(self, _: object) -> None:
        self._asking = False
