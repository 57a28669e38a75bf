"""The way to the router's control port: one question, one answer, over TLS that is verified.

Rule of this file: I/O alone; what is said and what it means is ``words``'s. Whatever fails becomes one sentence here.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from service_identity import VerificationError
from twisted.internet.defer import CancelledError, Deferred, succeed
from twisted.internet.defer import TimeoutError as LateError
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.ssl import Certificate, platformTrust, trustRootFromCertificates
from twisted.web.client import Agent, BrowserLikePolicyForHTTPS, HTTPConnectionPool, ResponseDone
from twisted.web.http_headers import Headers
from twisted.web.iweb import IBodyProducer
from zope.interface import implementer

from webproxy.registration.words import LARGEST, RouterAway, UnsoundReply, read_reply
from webproxy.version import version

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from twisted.internet.interfaces import IConsumer
    from twisted.python.failure import Failure
    from twisted.web.iweb import IResponse

    from webproxy.registration.words import Reply

PATIENCE = 20.0
"""Seconds that an answer may take; the router asks our port meanwhile, which may take five."""

RESTS = 60.0
"""Seconds that a connection may rest, less than the router lets it."""

_END = b"-----END CERTIFICATE-----"


class ControlPort:
    """The router's control port.

    :param url: ``https://router.internal:8443``.
    :param authority: a file of certificates that vouch for the router; None for the public ones.
    :raises ValueError: that file holds none.
    """

    def __init__(self, reactor: Any, url: str, authority: Path | None = None) -> None:
        self._reactor = reactor
        self._url = url.rstrip("/")
        trust = platformTrust() if authority is None else trustRootFromCertificates(_certificates(authority))
        self._pool = HTTPConnectionPool(reactor)
        self._pool.maxPersistentPerHost = 1
        self._pool.cachedConnectionTimeout = RESTS  # type: ignore[assignment]
        self._agent = Agent(reactor, BrowserLikePolicyForHTTPS(trust), connectTimeout=PATIENCE / 2, pool=self._pool)

    def __repr__(self) -> str:
        return f"<ControlPort {self._url}>"

    async def ask(self, does: str, token: str, members: Mapping[str, object]) -> Reply:
        """Ask for something.

        :raises RouterAway: there is no sound answer.
        """
        asked = Deferred.fromCoroutine(self._ask(does, token, members)).addTimeout(PATIENCE, self._reactor)
        try:
            return await asked
        except RouterAway:
            raise
        except Exception as error:  # noqa: BLE001 - a connection fails in more ways than there are names for
            raise RouterAway(_sentence(error)) from None

    async def _ask(self, does: str, token: str, members: Mapping[str, object]) -> Reply:
        fields = {
            "Authorization": [f"Bearer {token}"],
            "Content-Type": ["application/json"],
            "User-Agent": [f"webproxy/{version()}"],
        }
        body = _Body(json.dumps(members).encode())
        url = f"{self._url}/v1/{does}".encode()
        response: IResponse = await self._agent.request(b"POST", url, Headers(fields), body)
        whole = _Whole()
        response.deliverBody(whole)
        pauses = response.headers.getRawHeaders(b"retry-after") or [None]
        return read_reply(response.code, await whole.done, pauses[0])

    def close(self) -> Deferred[Any]:
        """Close what rests."""
        return self._pool.closeCachedConnections()  # type: ignore[no-any-return]


def _certificates(file: Path) -> list[Certificate]:
    """Read all certificates of a file."""
    pieces = file.read_bytes().split(_END)[:-1]
    if not pieces:
        raise ValueError(f"{file} holds no certificate")
    return [Certificate.loadPEM(piece + _END) for piece in pieces]


def _sentence(error: BaseException) -> str:
    """Tell why there is no answer. What TLS found wrong is wrapped, in as many layers as Twisted has."""
    reasons = getattr(error, "reasons", None)
    if reasons:
        return _sentence(reasons[0].value)
    if isinstance(error, VerificationError):
        return "its certificate is for another name"
    if isinstance(error, SSL.Error):
        told = str(error)
        if "certificate verify failed" in told:
            return "nobody we trust vouches for its certificate: --router-ca FILE names who does"
        return f"TLS failed: {told}"
    if isinstance(error, CancelledError | LateError):
        return f"it did not answer within {PATIENCE:g} s"
    if isinstance(error, DNSLookupError):
        return "its name is not known"
    if isinstance(error, ConnectError):
        return f"it takes no connection ({error})"
    return str(error) or type(error).__name__


@implementer(IBodyProducer)
class _Body:
    """A body that is all there."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.length = len(data)

    def startProducing(self, consumer: IConsumer) -> Deferred[None]:
        """Give it."""
        consumer.write(self._data)
        return succeed(None)

    def pauseProducing(self) -> None:
        """It is all given."""

    def resumeProducing(self) -> None:
        """It is all given."""

    def stopProducing(self) -> None:
        """It is all given."""


class _Whole(Protocol):
    """Collects an answer's body, up to a bound.

    :ivar done: fires with it.
    """

    def __init__(self) -> None:
        self._data = b""
        self.done: Deferred[bytes] = Deferred(lambda _: self._leave())

    def dataReceived(self, data: bytes) -> None:
        """Take a piece."""
        self._data += data
        if len(self._data) > LARGEST and not self.done.called:
            self.done.errback(UnsoundReply(f"its answer has more than {LARGEST} bytes"))
            self._leave()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """That was all of it, or not."""
        if self.done.called:
            return
        if reason.check(ResponseDone):
            self.done.callback(self._data)
        else:
            self.done.errback(reason)

    def _leave(self) -> None:
        transport: Any = self.transport
        transport.abortConnection()
