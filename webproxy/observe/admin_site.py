"""What an admin endpoint is made of, whatever it tells: who may ask, and the small resources that answer.

Rule of this file: ordinary twisted.web resources, for either program; never on a public port. Whoever can open a Unix
socket may ask; over TCP a token is wanted, and a Host of this machine, since a page of the internet can send requests
to loopback too (DNS rebinding).
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from webproxy.net.local import is_loopback

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from twisted.web.server import Request


class EndpointSite(Site):
    """An endpoint's factory.

    :param root: what is asked.
    :param token: wanted as ``Authorization: Bearer``; empty where the socket's file decides who may come.
    """

    noisy = False
    displayTracebacks = False  # noqa: N815 - Twisted's

    def __init__(self, root: Resource, token: bytes = b"", *, reactor: Any = None) -> None:
        super().__init__(_Guarded(root, token) if token else root, reactor=reactor)

    def log(self, request: Request) -> None:  # type: ignore[override]
        """Write nothing: whoever looks every second would fill the log."""


class _Guarded(Resource):
    """Lets in who has the token."""

    def __init__(self, inner: Resource, token: bytes) -> None:
        super().__init__()
        self._inner = inner
        self._token = token

    def getChildWithDefault(self, path: bytes, request: Request) -> Resource:
        """Go on inside, or refuse."""
        if not is_loopback(request.getRequestHostname().decode("latin-1").strip("[]")):
            return _Refusal(421, b"this address is for this machine alone\n")
        given = request.getHeader(b"authorization") or b""
        scheme, _, token = given.partition(b" ")
        if scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token):
            return _Refusal(401, b"the token of --admin-token-file is wanted, as Authorization: Bearer\n")
        return self._inner.getChildWithDefault(path, request)  # type: ignore[no-any-return]


class _Refusal(Resource):
    """Answers one status, whatever is below."""

    isLeaf = True

    def __init__(self, status: int, text: bytes) -> None:
        super().__init__()
        self._status = status
        self._text = text

    def render(self, request: Request) -> bytes:
        """Refuse."""
        request.setResponseCode(self._status)
        request.setHeader(b"content-type", b"text/plain; charset=utf-8")
        if self._status == 401:
            request.setHeader(b"www-authenticate", b"Bearer")
        return self._text


class Said(Resource):
    """Says a text."""

    isLeaf = True

    def __init__(self, text: Callable[[], bytes], kind: str = "text/plain; charset=utf-8") -> None:
        super().__init__()
        self._text = text
        self._kind = kind.encode()

    def render_GET(self, request: Request) -> bytes:
        """Say it."""
        request.setHeader(b"content-type", self._kind)
        request.setHeader(b"cache-control", b"no-store")
        return self._text()


class Json(Said):
    """A value as JSON."""

    def __init__(self, value: Callable[[], object]) -> None:
        super().__init__(lambda: json.dumps(value(), separators=(",", ":")).encode(), "application/json")


class Ready(Resource):
    """Whether a request would get through.

    :param ask: gives why not; empty when it would.
    """

    isLeaf = True

    def __init__(self, ask: Callable[[], Coroutine[Any, Any, str]]) -> None:
        super().__init__()
        self._ask = ask

    def render_GET(self, request: Request) -> int:
        """Ask, and answer when that is known."""
        gone: list[object] = []
        request.notifyFinish().addErrback(gone.append)

        def answer(why: str) -> None:
            if gone:
                return
            request.setResponseCode(503 if why else 200)
            request.setHeader(b"content-type", b"text/plain; charset=utf-8")
            request.write(f"{why or 'ready'}\n".encode())
            request.finish()

        Deferred.fromCoroutine(self._ask()).addCallback(answer)
        return NOT_DONE_YET
