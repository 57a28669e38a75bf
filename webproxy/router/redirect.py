"""Port 80: whoever comes to a name of ours is sent to https, and there is nothing else here.

Rule of this file: one small question, one small answer, and the connection is closed; no room of HTTP is needed for
that. What an answer says is decided by :func:`answer`, from values to values. RFC 9112 §3 (request line, target, Host),
RFC 9110 §15.4.9 (308).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import Factory, Protocol, connectionDone

from webproxy.address import neighbourhood
from webproxy.net.address import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.internet.interfaces import IAddress
    from twisted.python.failure import Failure

LARGEST = 8192
"""Bytes of a request's head."""
PATIENCE = 10.0
"""Seconds for it, and for taking the answer."""
MOST, EACH = 2000, 100
"""Connections at once: in all, and from one address (IPv6: its /64)."""

_LINE = re.compile(rb"([A-Z]{1,20}) (?:http://([a-zA-Z0-9.:-]+))?(/[!-~]*) HTTP/1\.[01]\r?\n")
_HOST = re.compile(rb"^host:[ \t]*([^\r\n]*?)[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(rb"([a-z0-9.-]{1,253})(?::[0-9]{1,5})?")


PROOFS = b"/.well-known/acme-challenge/"
"""RFC 8555 §8.3."""


def answer(
    head: bytes,
    ours: Callable[[str], bool],
    port: int,
    proof: Callable[[str, str], str | None] = lambda _host, _token: None,
) -> bytes:
    """Answer a request.

    :param head: its head, whole.
    :param ours: whether a host is one of ours.
    :param port: where https is.
    :param proof: what an authority is to see for a host and a token; ``None`` for nothing.
    """
    line = _LINE.match(head)
    hosts = _HOST.findall(head)
    if line is None or len(hosts) != 1:  # RFC 9112 §3.2: exactly one Host
        return _said(b"400 Bad Request", b"This is no request.\n")
    name = _NAME.fullmatch((line[2] or hosts[0]).lower())  # RFC 9112 §3.2.2: an absolute target comes before Host
    if name is not None and line[3].startswith(PROOFS):  # never sent on: nobody gets a certificate but we
        shown = proof(name[1].decode(), line[3].removeprefix(PROOFS).decode())
        if shown is not None:
            return _said(b"200 OK", shown.encode())
        return _said(b"404 Not Found", b"Nobody waits for this proof.\n")
    if name is None or not ours(name[1].decode()):
        return _said(b"404 Not Found", b"There is nothing of this name here.\n")
    where = b"https://" + name[1] + (b"" if port == 443 else b":%d" % port) + line[3]
    return _said(b"308 Permanent Redirect", b"", b"Location: " + where + b"\r\n")


def _said(status: bytes, text: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 %b\r\n%bContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (
        status,
        more,
        len(text),
        text,
    )


class Visitor(Protocol):
    """One connection: it gets one answer.

    :param end: told when it is over.
    """

    def __init__(self, reactor: Any, decide: Callable[[bytes], bytes], end: Callable[[], None]) -> None:
        self._reactor = reactor
        self._decide = decide
        self._end = end
        self._heard = b""
        self._answered = False

    def connectionMade(self) -> None:
        """Wait, but not for long."""
        self._late = self._reactor.callLater(PATIENCE, self._transport.abortConnection)

    def dataReceived(self, data: bytes) -> None:
        """Answer as soon as the head is whole."""
        if self._answered:
            return  # taken, so that the answer is not overtaken by a reset
        self._heard += data
        if b"\r\n\r\n" in self._heard or b"\n\n" in self._heard or len(self._heard) > LARGEST:
            self._answered = True
            self._transport.write(self._decide(self._heard[:LARGEST]))
            self._heard = b""
            self._transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is over."""
        if self._late.active():
            self._late.cancel()
        self._end()

    @property
    def _transport(self) -> Any:
        return self.transport


class Redirect(Factory):
    """Port 80.

    :param ours: whether a host is one of ours.
    :param port: where https is.
    :param proof: what an authority is to see for a host and a token.
    """

    noisy = False

    def __init__(
        self,
        reactor: Any,
        ours: Callable[[str], bool],
        port: int,
        proof: Callable[[str, str], str | None] = lambda _host, _token: None,
    ) -> None:
        self._reactor = reactor
        self._proof = proof
        self._ours = ours
        self._port = port
        self._places: dict[str, int] = {}
        self.connections = 0

    def __repr__(self) -> str:
        return f"<Redirect connections={self.connections}>"

    def buildProtocol(self, addr: IAddress | None) -> Visitor | None:
        """Let a visitor in, if there is room."""
        place = neighbourhood(plain(getattr(addr, "host", "")))
        here = self._places.get(place, 0)
        if self.connections >= MOST or here >= EACH:
            return None
        self.connections += 1
        self._places[place] = here + 1
        return Visitor(self._reactor, self._answer, lambda: self._left(place))

    def _answer(self, head: bytes) -> bytes:
        return answer(head, self._ours, self._port, self._proof)

    def _left(self, place: str) -> None:
        self.connections -= 1
        self._places[place] -= 1
        if not self._places[place]:
            del self._places[place]
