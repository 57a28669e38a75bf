"""The admin endpoint: what it answers, and to whom.

Rule of this file: ordinary twisted.web resources over an :class:`Instance`; never on the public port. Whoever can open
the Unix socket may ask; over TCP a token is wanted, and a Host of this machine, since a page of the internet can send
requests to loopback too (DNS rebinding).

    GET /metrics          Prometheus
    GET /health           200: the process answers
    GET /ready            200 when a request would get through, else 503 and why
    GET /api/now          what runs, what failed last, totals
    DELETE /api/exchanges/ID    close one
"""

from __future__ import annotations

import hmac
import json
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Site

from webproxy.net.local import is_loopback
from webproxy.observe.exposition import CONTENT_TYPE, Exposition

if TYPE_CHECKING:
    from collections.abc import Callable

    from twisted.web.server import Request

    from webproxy.observe.instance import Instance


class AdminSite(Site):
    """The endpoint's factory.

    :param instance: what is looked at.
    :param token: wanted as ``Authorization: Bearer``; empty where the socket's file decides who may come.
    """

    noisy = False
    displayTracebacks = False  # noqa: N815 - Twisted's

    def __init__(self, instance: Instance, token: bytes = b"", *, reactor: Any = None) -> None:
        root = _tree(instance)
        super().__init__(_Guarded(root, token) if token else root, reactor=reactor)

    def log(self, request: Request) -> None:  # type: ignore[override]
        """Write nothing: whoever looks every second would fill the log."""


def _tree(instance: Instance) -> Resource:
    root, api = Resource(), Resource()
    root.putChild(b"metrics", _Metrics(Exposition(instance)))
    root.putChild(b"health", _Said(lambda: b"ok\n"))
    root.putChild(b"ready", _Ready(instance))
    root.putChild(b"api", api)
    api.putChild(b"now", _Json(instance.now))
    api.putChild(b"exchanges", _Exchanges(instance))
    return root


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


class _Said(Resource):
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


class _Metrics(_Said):
    """The metrics."""

    def __init__(self, exposition: Exposition) -> None:
        super().__init__(exposition.text, CONTENT_TYPE)


class _Json(_Said):
    """A value as JSON."""

    def __init__(self, value: Callable[[], object]) -> None:
        super().__init__(lambda: json.dumps(value(), separators=(",", ":")).encode(), "application/json")


class _Ready(Resource):
    """Whether a request would get through."""

    isLeaf = True

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._instance = instance

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

        Deferred.fromCoroutine(self._instance.ready()).addCallback(answer)
        return NOT_DONE_YET


class _Exchanges(Resource):
    """What runs, one by one."""

    def __init__(self, instance: Instance) -> None:
        super().__init__()
        self._instance = instance

    def getChild(self, path: bytes, request: Request) -> Resource:
        """Find one; it need not run any more."""
        return _Exchange(self._instance, path.decode("latin-1"))


class _Exchange(Resource):
    """One exchange."""

    isLeaf = True

    def __init__(self, instance: Instance, identity: str) -> None:
        super().__init__()
        self._instance = instance
        self._identity = identity

    def render_DELETE(self, request: Request) -> bytes:
        """Close it."""
        if self._instance.close(self._identity):
            request.setResponseCode(204)
            return b""
        request.setResponseCode(404)
        return b"it is over already\n"
