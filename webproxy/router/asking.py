"""Asking a machine's port whether it answers plain HTTP, before its registration is promised.

Rule of this file: three short questions at once, one of them in TLS, to tell by their answers; bounded in time and
bytes. One begins with a PROXY header of the router's own (LOCAL, §2.2 of its specification), as every connection of the
router does to a machine that knows the router already; one comes without, for who does not, and might close.
``Max-Forwards: 0`` keeps the question from going on to the service (RFC 9110 §7.6.2).
"""

from __future__ import annotations

import ssl
import struct
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger

from webproxy.net.connect import connect
from webproxy.net.proxy_header import SIGNATURE
from webproxy.router.registry import Refused

if TYPE_CHECKING:
    from twisted.python.failure import Failure

    from webproxy.net.destination import Tcp

log = Logger()

PATIENCE = 5.0
"""Seconds for each question."""
LOCAL = SIGNATURE + struct.pack("!BBH", 0x20, 0, 0)
_ENOUGH = 64
_HTTP = b"HTTP/1."
_HELLO = b"\x16\x03"
_RECORDS = (b"\x15\x03", _HELLO)


class NoPlainHttp(Refused):
    """The port does not answer plain HTTP.

    :ivar tls: it speaks TLS instead.
    """

    def __init__(self, reason: str, *, tls: bool) -> None:
        super().__init__(422, reason)
        self.tls = tls


class Question(Protocol):
    """Says something, and keeps the first bytes of the answer.

    :param says: the question.
    :ivar answer: fires with them; with nothing when the connection ended without.
    """

    def __init__(self, says: bytes) -> None:
        self._says = says
        self._heard = b""
        self.answer: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        """Ask."""
        self._transport.write(self._says)

    def dataReceived(self, data: bytes) -> None:
        """Listen until it is clear what is spoken."""
        self._heard += data[:_ENOUGH]
        if len(self._heard) >= len(_HTTP):
            self._transport.abortConnection()
            self._tell()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """That was all."""
        self._tell()

    @property
    def _transport(self) -> Any:
        return self.transport

    def _tell(self) -> None:
        if not self.answer.called:
            self.answer.callback(self._heard)


async def ask(reactor: Any, machine: Tcp) -> None:
    """Ask a port.

    :raises NoPlainHttp: it speaks TLS, something else, or nothing.
    """
    question = _plain(machine)
    asked = [_asked(reactor, machine, says) for says in (LOCAL + question, question, client_hello())]
    announced, bare, in_tls = [await one for one in asked]
    in_plain = announced.startswith(_HTTP) or bare.startswith(_HTTP)
    # an alert alone may be a plain port's way to tell a browser that it has come by the wrong scheme
    if in_tls.startswith(_HELLO) or (
        not in_plain and any(one.startswith(_RECORDS) for one in (announced, bare, in_tls))
    ):
        raise NoPlainHttp(
            f"port {machine.port} speaks TLS: bring no self-signed certificate on your port, the router encrypts",
            tls=True,
        )
    if not in_plain:
        raise NoPlainHttp(f"{machine} does not answer the router in plain HTTP", tls=False)


async def _question(reactor: Any, machine: Tcp, says: bytes) -> bytes:
    question = await connect(reactor, machine, lambda: Question(says), PATIENCE)
    try:
        return bytes(await question.answer.addTimeout(PATIENCE, reactor))
    finally:
        question.transport.abortConnection()


def _asked(reactor: Any, machine: Tcp, says: bytes) -> Deferred[bytes]:
    """Ask; whatever goes wrong is no answer."""
    asked = Deferred.fromCoroutine(_question(reactor, machine, says))

    def nothing(failure: Failure) -> bytes:
        log.debug(
            "{machine} gave no answer: {why}", machine=machine, why=failure.getErrorMessage(), kind="probe-unanswered"
        )
        return b""

    return asked.addErrback(nothing)


def _plain(machine: Tcp) -> bytes:
    return f"OPTIONS * HTTP/1.1\r\nHost: {machine}\r\nMax-Forwards: 0\r\nConnection: close\r\n\r\n".encode()


def client_hello() -> bytes:
    """Make the first message of a TLS client (RFC 8446 §4.1.2)."""
    outgoing = ssl.MemoryBIO()
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()
